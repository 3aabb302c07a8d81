import { z } from "zod";
import { departmentId } from "../ids";

/** Without `parent`, the topmost removed departments. */
export const removalsQuery = z.object({ parent: departmentId.optional() });

/** A removed department with the counts of its subtree. */
export type RemovedGroup = {
  readonly id: string;
  readonly name: string;
  /** The names from the root to the department; only for a topmost one. */
  readonly path: readonly string[];
  /** Departments below this one. */
  readonly departments: number;
  /** Members in the subtree, each counted once. */
  readonly members: number;
};

export type RemovedPerson = { readonly id: string; readonly name: string };

/** The first entries, and the totals. */
export type RemovedGroups = {
  readonly groups: readonly RemovedGroup[];
  readonly groupsTotal: number;
  readonly people: readonly RemovedPerson[];
  readonly peopleTotal: number;
};
