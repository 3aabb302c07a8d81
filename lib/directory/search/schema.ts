import { z } from "zod";
import type { Step } from "../reader/paths";

const QUERY_CHARACTERS_MAX = 128;

export const searchText = z.string().trim().min(1).max(QUERY_CHARACTERS_MAX);

export const searchQuery = z.object({
  q: searchText,
  /** `1` includes removed departments and members. */
  removed: z.literal("1").optional(),
  limit: z.coerce.number().int().min(1).max(200).optional(),
});

export type FoundNode = Step & { readonly parentId: string | null; readonly isRemoved: boolean };

export type FoundMember = {
  readonly id: string;
  readonly name: string;
  readonly title: string | null;
  readonly jobNumber: string | null;
  readonly isActive: boolean | null;
  readonly isRemoved: boolean;
  /** The member's first department, with the names from the root to it. */
  readonly departments: readonly { readonly id: string; readonly path: readonly string[] }[];
  readonly departmentCount: number;
};

type Counted = {
  /** All hits that were counted; `hits` may hold fewer. */
  readonly total: number;
  readonly isMore: boolean;
};

/** The hits of a search. `nodes` are the departments and their ancestors, siblings in the tree's order. */
export type Found = Counted & {
  readonly outcome: "found";
  readonly nodes: readonly FoundNode[];
  /** The departments among `nodes` that are hits, best first. */
  readonly hitIds: readonly string[];
  readonly members: Counted & { readonly hits: readonly FoundMember[] };
};

export type SearchAnswer = Found | { readonly outcome: "too_slow" };
