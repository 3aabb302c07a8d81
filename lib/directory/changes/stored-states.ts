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
