import type { Member } from "@/lib/dingtalk/members";
import type { JsonValue } from "@/lib/dingtalk/read-json";

/** A department as a change keeps it, before and after. Ids and numbers are decimal text. */
export type DepartmentState = {
  readonly parentId: string | null;
  readonly name: string;
  readonly order: string | null;
  readonly sourceIdentifier: string | null;
  readonly extra: JsonValue;
  /** What only `department/get` tells, by DingTalk's names; `null` while it was not asked. */
  readonly details: JsonValue;
};

export type PlaceState = {
  readonly departmentId: string;
  readonly title: string | null;
  readonly isLeader: boolean | null;
  readonly order: string | null;
};

/** A member as a change keeps them, before and after: of what is personal only its id, which another value changes. */
export type MemberState = Omit<Member, "userId" | "departmentIds" | "personal"> & {
  readonly personalId: string | null;
  /** By the department's id. */
  readonly places: readonly PlaceState[];
};

export const CHANGED_OBJECTS = ["department", "member"] as const;
export type ChangedObject = (typeof CHANGED_OBJECTS)[number];

/** What may happen to a department or a member. A plan has the first six of them, the others are done by hand. */
export const CHANGE_KINDS = [
  "added",
  "returned",
  "moved",
  "renamed",
  "changed",
  "removed",
  "restored",
  "erased",
] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/**
 * Why something is removed: DingTalk says that it is not there; the app may not look there any more; left out by hand;
 * missing, and nobody asked for it.
 */
export const REMOVAL_REASONS = ["gone", "out_of_scope", "excluded", "unproven"] as const;
export type RemovalReason = (typeof REMOVAL_REASONS)[number];

/**
 * What became of a planned change whose set was applied: nothing else than that (`null`), or left alone because its row
 * had changed meanwhile, because somebody decided so, or because it is kept by hand.
 */
export const CHANGE_OUTCOMES = ["skipped", "left_out", "kept"] as const;
export type ChangeOutcome = (typeof CHANGE_OUTCOMES)[number];
