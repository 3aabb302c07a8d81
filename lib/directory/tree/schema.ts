import { z } from "zod";
import type { JsonValue } from "@/lib/dingtalk/read-json";
import { atRun, departmentId } from "../ids";
import type { Step } from "../reader/paths";
import type { NamedMember } from "../reader/people";

/** Without `parent`, the roots. `include` is one more child to return, at any position. */
export const childrenQuery = z.object({
  parent: departmentId.optional(),
  after: departmentId.optional(),
  include: departmentId.optional(),
  at: atRun,
});

export const nodeQuery = z.object({ id: departmentId, at: atRun });

export type Child = {
  readonly id: string;
  readonly name: string;
  /** From 1, among all siblings. */
  readonly position: number;
  readonly hasChildren: boolean;
  /** Only in search results: a removed department. */
  readonly isRemoved?: boolean;
  /** Only in search results: an ancestor of a hit, not a hit itself. */
  readonly isAncestorOnly?: boolean;
  /** Members in the subtree. Absent for 0, and in the past, which has no counts. */
  readonly people?: number;
};

/** A page of a department's children in order, and the number of all children. */
export type ChildPage = { readonly items: readonly Child[]; readonly total: number };

/** A department in the detail panel. Times are ISO 8601, because the browser receives them as JSON. */
export type DepartmentDetail = Step & {
  readonly path: readonly Step[];
  readonly parentId: string | null;
  readonly childCount: number;
  readonly directPeople: number;
  /** Members in the subtree; `null` in the past, which has no counts. */
  readonly allPeople: number | null;
  readonly managers: readonly NamedMember[];
  /** Other fields of `department/get`, by DingTalk's names; `null` before they were read. */
  readonly details: Readonly<Record<string, JsonValue>> | null;
  readonly detailsAt: string | null;
  /** Fields that Dingkeep has no column for, as received. */
  readonly extra: Readonly<Record<string, JsonValue>>;
  /** When the department was restored by hand, which exempts it from removal. */
  readonly keptAt: string | null;
  readonly sourceIdentifier: string | null;
  readonly firstSeenAt: string;
  /** The end of the last complete run, because no time is stored per row. */
  readonly lastSeenAt: string | null;
};
