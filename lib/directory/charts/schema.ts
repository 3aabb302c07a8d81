import { z } from "zod";
import { departmentId } from "../ids";
import { type Step } from "../reader/paths";
import { PICTURES } from "./kinds";

/** Without `root` everything; `growth` is always of everything. */
export const pictureQuery = z.object({ kind: z.enum(PICTURES), root: departmentId.optional() });

/** A department by how many people are in it. */
export type Headcount = {
  /** `null` for what lies above several roots. */
  readonly id: string | null;
  readonly name: string;
  readonly direct: number;
  /** In it and all below it, each person once: less than its children's together where somebody is in two of them. */
  readonly total: number;
  readonly hasChildren: boolean;
  /** The largest first. None where it has none, or is too deep or too small to be told. */
  readonly children?: readonly Headcount[];
  /** Children that aren't told one by one. */
  readonly rest?: { readonly departments: number; readonly people: number };
};

export type HeadcountPicture = {
  /** What the root lies in and itself, from above; empty for what lies above several roots. */
  readonly path: readonly Step[];
  readonly root: Headcount;
};

/** How many there were from a moment on. Times are ISO 8601, for they cross to the browser. */
export type GrowthPoint = { readonly at: string; readonly departments: number; readonly members: number };
export type GrowthPicture = { readonly points: readonly GrowthPoint[] };

/** A box of the organization chart. */
export type ChartBox = Step & {
  readonly parentId: string | null;
  readonly direct: number;
  readonly total: number;
  readonly childCount: number;
  /** The first of them, by name. */
  readonly managers: readonly string[];
  readonly managerCount: number;
};

export type ChartPicture = {
  readonly path: readonly Step[];
  /** Parents before their children, siblings in the tree's order. */
  readonly boxes: readonly ChartBox[];
};
