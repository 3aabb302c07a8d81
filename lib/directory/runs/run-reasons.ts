import type { DingtalkErrorDescription } from "@/lib/dingtalk/errors";

/** The words of the last answer that refused what a run left out; nothing for a refusal without a code. */
export type RefusedWith = {
  readonly code?: string;
  readonly subCode?: string | null;
  readonly message?: string;
  readonly requestId?: string | null;
};

/**
 * Why a sync did not do all of its work, where the reason is not an answer of DingTalk's: each kind with what
 * a page says besides.
 */
export type SyncReason =
  /** The app may read no department. */
  | { readonly kind: "scope_empty" }
  /** DingTalk named none of the departments that we hold: nothing was removed, for it cannot be meant. */
  | { readonly kind: "answer_empty"; readonly held: number; readonly seen: number }
  | { readonly kind: "too_many_departments"; readonly departmentsMax: number }
  /** More rows of members than an app can have; somebody in several departments has several. */
  | { readonly kind: "too_many_members"; readonly membersMax: number }
  /** More is held and was not seen than is asked for by name. */
  | { readonly kind: "too_many_missing"; readonly departments: number }
  /** The app's scope changed while it was read, and again while it was read anew. */
  | { readonly kind: "scope_unsteady" }
  /** A department has an id that no database number holds. */
  | { readonly kind: "department_id_unusable" }
  /** The app may not read all that it could: `count` departments are held and were not seen. */
  | { readonly kind: "scope_shrank"; readonly count: number }
  /** DingTalk lists departments that it then does not give out. */
  | ({ readonly kind: "departments_unreadable"; readonly count: number } & RefusedWith)
  /** Departments that were chosen to begin at are not there, or not in the scope. */
  | ({ readonly kind: "choice_unreadable"; readonly count: number } & RefusedWith)
  /** The members of so many departments were refused. */
  | ({ readonly kind: "members_unreadable"; readonly count: number } & RefusedWith)
  /** The app may not read members; the departments were read. */
  | ({ readonly kind: "members_not_permitted" } & RefusedWith)
  /** So many people are in no list, and the app may not ask whether they are gone. */
  | { readonly kind: "members_unproven"; readonly count: number }
  /** Departments that are, by what DingTalk says, below themselves. */
  | { readonly kind: "tree_contradictory"; readonly count: number }
  /** Whoever ran it is gone; another run took its place. */
  | { readonly kind: "worker_lost" }
  /** Whoever ran it is gone, and so is the job that would have tried again. */
  | { readonly kind: "job_lost" }
  /** Somebody disabled the app while its directory was read. */
  | { readonly kind: "app_disabled" }
  /** A fault of our own; the log has it. */
  | { readonly kind: "internal" };

export type SyncReasonKind = SyncReason["kind"];

/** All kinds, so that a test can walk them in each language. */
export const SYNC_REASON_KINDS = [
  "scope_empty",
  "answer_empty",
  "too_many_departments",
  "too_many_members",
  "too_many_missing",
  "scope_unsteady",
  "department_id_unusable",
  "scope_shrank",
  "departments_unreadable",
  "choice_unreadable",
  "members_unreadable",
  "members_not_permitted",
  "members_unproven",
  "tree_contradictory",
  "worker_lost",
  "job_lost",
  "app_disabled",
  "internal",
] as const satisfies readonly SyncReasonKind[];

/** What a run's `error` holds: ours, or what `DingtalkError.describe()` said. */
export type RunError = SyncReason | DingtalkErrorDescription;

/** What a run is doing, in this order. */
export const RUN_STAGES = ["read", "plan", "check", "write"] as const;

export type RunStage = (typeof RUN_STAGES)[number];
