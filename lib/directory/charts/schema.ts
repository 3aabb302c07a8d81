import { z } from "zod";
import { departmentId } from "../ids";
import { type Step } from "../reader/paths";
import { CHART_KINDS } from "./kinds";

/** Without `root`, the whole directory. `growth` always shows the whole directory. */
export const chartQuery = z.object({ kind: z.enum(CHART_KINDS), root: departmentId.optional() });

export type Headcount = {
  /** `null` for the node that joins several roots. */
  readonly id: string | null;
  readonly name: string;
  readonly direct: number;
  /** Members in the subtree, each counted once: less than the sum of the children when a member is in two of them. */
  readonly total: number;
  readonly hasChildren: boolean;
  /** Largest first. Absent when there are none, and beyond the limits of depth and size. */
  readonly children?: readonly Headcount[];
  readonly rest?: { readonly departments: number; readonly people: number };
};

export type HeadcountChart = {
  /** The departments from the topmost one to the root; empty for several roots. */
  readonly path: readonly Step[];
  readonly root: Headcount;
};

/** Counts from a time on. Times are ISO 8601, because the browser receives them as JSON. */
export type GrowthPoint = { readonly at: string; readonly departments: number; readonly members: number };
export type GrowthChart = { readonly points: readonly GrowthPoint[] };

export type ChartBox = Step & {
  readonly parentId: string | null;
  readonly direct: number;
  readonly total: number;
  readonly childCount: number;
  readonly managers: readonly string[];
  readonly managerCount: number;
};

export type OrganizationChart = {
  readonly path: readonly Step[];
  /** Parents before their children, siblings in the tree's order. */
  readonly boxes: readonly ChartBox[];
};
