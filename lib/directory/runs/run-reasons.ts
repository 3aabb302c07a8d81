import type { ContactScopes } from "@/lib/dingtalk/contact-scope";
import type { DingtalkErrorDescription } from "@/lib/dingtalk/errors";

/** DingTalk's answer to the last refused call; empty when the refusal had no code. */
export type RefusedWith = {
  readonly code?: string;
  readonly subCode?: string | null;
  readonly message?: string;
  readonly requestId?: string | null;
};

/** Why a sync did not do all of its work, when the cause is not one answer of DingTalk. Stored with the run. */
export type SyncReason =
  /** The app may read no department. */
  | { readonly kind: "scope_empty" }
  /** DingTalk returned none of the stored departments. Nothing was removed. */
  | { readonly kind: "answer_empty"; readonly held: number; readonly seen: number }
  | { readonly kind: "too_many_departments"; readonly departmentsMax: number }
  /** More member rows than the limit. A person in several departments has several rows. */
  | { readonly kind: "too_many_members"; readonly membersMax: number }
  /** More departments are missing than are looked up one by one. */
  | { readonly kind: "too_many_missing"; readonly departments: number }
  /** The app's scope changed during the read, and again during the second read. */
  | { readonly kind: "scope_unsteady" }
  /** A department id is larger than a PostgreSQL bigint. */
  | { readonly kind: "department_id_unusable" }
  /** `count` stored departments are no longer in the app's scope. */
  | { readonly kind: "scope_shrank"; readonly count: number }
  /** DingTalk lists departments but refuses to return them. */
  | ({ readonly kind: "departments_unreadable"; readonly count: number } & RefusedWith)
  /** Departments chosen in the settings do not exist or are outside the scope. */
  | ({ readonly kind: "choice_unreadable"; readonly count: number } & RefusedWith)
  /** The members of `count` departments were refused. */
  | ({ readonly kind: "members_unreadable"; readonly count: number } & RefusedWith)
  /** The app lacks the permission to read members. The departments were read. */
  | ({ readonly kind: "members_not_permitted" } & RefusedWith)
  /** `count` stored members are in no list, and the app lacks the permission to look them up. */
  | { readonly kind: "members_unproven"; readonly count: number }
  /** DingTalk's parents form `count` cycles. */
  | { readonly kind: "tree_contradictory"; readonly count: number }
  /** The worker is gone. Another run resumed the work. */
  | { readonly kind: "worker_lost" }
  /** The worker is gone, and so is the job that would have been retried. */
  | { readonly kind: "job_lost" }
  | { readonly kind: "app_disabled" }
  /** A bug. The log has the error. */
  | { readonly kind: "internal" };

export type SyncReasonKind = SyncReason["kind"];

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

export type RunError = SyncReason | DingtalkErrorDescription;

/** An app's scope: departments with everything below them, and single people. */
export type Scope = Pick<ContactScopes, "departmentIds" | "userIds">;

/** Why the result of a complete read may be wrong, so that a person has to look at its removals. */
export type Suspicion =
  | { readonly kind: "scope_empty" }
  /** DingTalk returned none of the stored departments. None of them was looked up. */
  | { readonly kind: "answer_empty"; readonly held: number; readonly seen: number }
  /** DingTalk returned no member at all, and says that every stored member is gone. */
  | { readonly kind: "members_empty"; readonly held: number }
  | { readonly kind: "scope_shrank"; readonly departments: number; readonly members: number }
  | { readonly kind: "too_many_missing"; readonly departments: number; readonly members: number };

export type HeldReason =
  /** `scopeBefore`: the scope of the last complete run; `null` when unknown. */
  | (Suspicion & { readonly scopeBefore: Scope | null; readonly scope: Scope })
  | {
      readonly kind: "departments_above" | "members_above";
      readonly removals: number;
      readonly of: number;
      readonly removable: number;
      readonly percentRemovable: number;
    };

export const HELD_REASON_KINDS = [
  "scope_empty",
  "answer_empty",
  "members_empty",
  "scope_shrank",
  "too_many_missing",
  "departments_above",
  "members_above",
] as const satisfies readonly HeldReason["kind"][];

/** The first difference between DingTalk's directory and the stored one that a verify run found. */
export type Difference =
  | { readonly kind: "scope" }
  /** `held`: stored members. `told`: DingTalk's count. */
  | { readonly kind: "member_count"; readonly held: number; readonly told: number }
  | { readonly kind: "department_gone" | "children" | "members"; readonly departmentId: string };
