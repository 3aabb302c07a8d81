import { z } from "zod";
import type { Step } from "../reader/paths";

const QUERY_CHARACTERS_MAX = 128;

export const searchText = z.string().trim().min(1).max(QUERY_CHARACTERS_MAX);

export const searchQuery = z.object({
  q: searchText,
  /** `1` finds what was removed too. */
  removed: z.literal("1").optional(),
  /** Of departments and of members, each. */
  limit: z.coerce.number().int().min(1).max(200).optional(),
});

export type FoundNode = Step & { readonly parentId: string | null; readonly isRemoved: boolean };

/** A person that a search found. */
export type FoundMember = {
  /** DingTalk's userid. */
  readonly id: string;
  readonly name: string;
  readonly title: string | null;
  readonly jobNumber: string | null;
  readonly isActive: boolean | null;
  readonly isRemoved: boolean;
  /** The first of their departments, each with the names on the way there, its own the last. */
  readonly departments: readonly { readonly id: string; readonly path: readonly string[] }[];
  readonly departmentCount: number;
};

type Counted = {
  /** Of all hits, of which the first 200 may be given. */
  readonly total: number;
  /** There are more than `total`, which weren't counted. */
  readonly isMore: boolean;
};

/** The hits of a search, the departments with their ancestors, siblings in the tree's order. */
export type Found = Counted & {
  readonly outcome: "found";
  readonly nodes: readonly FoundNode[];
  /** Of departments, the best first. */
  readonly hitIds: readonly string[];
  readonly members: Counted & { readonly hits: readonly FoundMember[] };
};

/** What the search's route answers. */
export type SearchAnswer = Found | { readonly outcome: "too_slow" };
