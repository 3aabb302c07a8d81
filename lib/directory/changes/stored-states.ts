import type { Member } from "@/lib/dingtalk/members";
import type { JsonValue } from "@/lib/dingtalk/read-json";

/** The state of a department that a change stores, before and after. Ids and numbers are decimal text. */
export type DepartmentState = {
  readonly parentId: string | null;
  readonly name: string;
  readonly order: string | null;
  readonly sourceIdentifier: string | null;
  readonly extra: JsonValue;
  /** The fields that only `department/get` returns, by DingTalk's names; `null` before they were read. */
  readonly details: JsonValue;
};

export type PlaceState = {
  readonly departmentId: string;
  readonly title: string | null;
  readonly isLeader: boolean | null;
  readonly order: string | null;
};

/** The state of a member that a change stores. Contains only an id of the personal fields, which differs for other values. */
export type MemberState = Omit<Member, "userId" | "departmentIds" | "personal"> & {
  readonly personalId: string | null;
  /** Sorted by department id. */
  readonly places: readonly PlaceState[];
};

export const CHANGED_OBJECTS = ["department", "member"] as const;
export type ChangedObject = (typeof CHANGED_OBJECTS)[number];

/** Kinds of changes. Plans contain the first six; people make the others. */
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

/** Why something is removed. `gone`: DingTalk says so. `unproven`: it is missing and was not looked up. */
export const REMOVAL_REASONS = ["gone", "out_of_scope", "excluded", "unproven"] as const;
export type RemovalReason = (typeof REMOVAL_REASONS)[number];

/** `skipped`: its row had changed. `left_out`: a decision excluded it. `kept`: a person keeps the row. */
export const CHANGE_OUTCOMES = ["skipped", "left_out", "kept"] as const;
export type ChangeOutcome = (typeof CHANGE_OUTCOMES)[number];
