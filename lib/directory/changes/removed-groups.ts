import { z } from "zod";
import { departmentId } from "../ids";

/** Without `parent`, the topmost removed departments. */
export const removalsQuery = z.object({ parent: departmentId.optional() });

export type RemovedGroup = {
  readonly id: string;
  readonly name: string;
  /** The names from the root to the department; only for a topmost one. */
  readonly path: readonly string[];
  readonly departments: number;
  /** Members in the subtree, each counted once. */
  readonly members: number;
};

export type RemovedPerson = { readonly id: string; readonly name: string };

export type RemovedGroups = {
  readonly groups: readonly RemovedGroup[];
  readonly groupsTotal: number;
  readonly people: readonly RemovedPerson[];
  readonly peopleTotal: number;
};
