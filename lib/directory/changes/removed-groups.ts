import { z } from "zod";
import { departmentId } from "../ids";

/** Without `parent` the topmost ones. */
export const removalsQuery = z.object({ parent: departmentId.optional() });

/** A department that a plan removes, and how much goes with it. */
export type RemovedGroup = {
  readonly id: string;
  readonly name: string;
  /** The names on the way to it, of a topmost one. */
  readonly path: readonly string[];
  /** Below it. */
  readonly departments: number;
  /** In it and below it; each counts once. */
  readonly members: number;
};

export type RemovedPerson = { readonly id: string; readonly name: string };

/** Some of each, and how many there are in all. */
export type RemovedGroups = {
  readonly groups: readonly RemovedGroup[];
  readonly groupsTotal: number;
  readonly people: readonly RemovedPerson[];
  readonly peopleTotal: number;
};
