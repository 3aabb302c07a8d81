import "server-only";

import { PLACES } from "./index-names";
import type { NameQuery } from "./parse-search";

export type Term = {
  readonly id: string;
  readonly place: number;
  readonly term: string;
  readonly range: number;
};

/** 0: the id itself; 1: the whole name; 2: its beginning; 3: inside the name. */
export type Rank = 0 | 1 | 2 | 3;

export type RankedTerm = Term & { readonly rank: Rank };

export function rankOf({ id, place, term }: Term, { text, ranges }: NameQuery): Rank {
  if (id.toLowerCase() === text) return 0;
  if (place === PLACES.inside) return 3;
  return ranges.some(({ from }) => from === term) ? 1 : 2;
}

/** Orders the terms of one object: the best rank first, then the shortest. */
export const byTermRank = (a: RankedTerm, b: RankedTerm): number =>
  a.rank - b.rank || a.term.length - b.term.length || (a.term < b.term ? -1 : Number(a.term > b.term));

type RankedObject = { readonly id: string; readonly name: string; readonly rank: Rank };

/** Orders search results: the best rank first, then the shortest name. */
export const byRank = (a: RankedObject, b: RankedObject): number =>
  a.rank - b.rank ||
  a.name.length - b.name.length ||
  (a.name < b.name ? -1 : Number(a.name > b.name)) ||
  (a.id < b.id ? -1 : 1);
