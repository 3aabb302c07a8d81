import { z } from "zod";
import type { JsonValue } from "@/lib/dingtalk/read-json";
import { atRun, departmentId } from "../ids";
import type { Step } from "../reader/paths";
import type { NamedMember } from "../reader/people";

/** Without `parent` the roots. `include` is one child that is wanted too, however far down it stands. */
export const childrenQuery = z.object({
  parent: departmentId.optional(),
  after: departmentId.optional(),
  include: departmentId.optional(),
  at: atRun,
});

export const nodeQuery = z.object({ id: departmentId, at: atRun });

/** One row of the tree. */
export type Child = {
  readonly id: string;
  readonly name: string;
  /** From 1, among all its siblings. */
  readonly position: number;
  readonly hasChildren: boolean;
  /** Among the hits of a search: it isn't there any more. */
  readonly isRemoved?: boolean;
  /** It is no hit itself, and stands above one. */
  readonly isOnTheWay?: boolean;
  /** In it and below it; left out where there are none, and in the past, for which nobody counted them. */
  readonly people?: number;
};

/** Some of a department's children, in their order, and how many there are in all. */
export type ChildPage = { readonly items: readonly Child[]; readonly total: number };

/** What the detail panel shows. Times are ISO 8601, for they cross to the browser. */
export type DepartmentDetail = Step & {
  /** Its ancestors and itself, from the root down. */
  readonly path: readonly Step[];
  readonly parentId: string | null;
  readonly childCount: number;
  readonly directPeople: number;
  /** In it and below it; `null` in the past, for which nobody counted them. */
  readonly allPeople: number | null;
  readonly managers: readonly NamedMember[];
  /** The rest of what only `department/get` tells, by DingTalk's names; `null` while it was not asked. */
  readonly details: Readonly<Record<string, JsonValue>> | null;
  /** When it was asked. */
  readonly detailsAt: string | null;
  /** Fields that we don't know, as they came. */
  readonly extra: Readonly<Record<string, JsonValue>>;
  /** Restored by hand, and kept since then. */
  readonly keptAt: string | null;
  readonly sourceIdentifier: string | null;
  readonly firstSeenAt: string;
  /** When the last complete run ended: nothing is written for each row. */
  readonly lastSeenAt: string | null;
};
