import "server-only";

import { departmentId } from "../ids";
import type { DirectoryReader } from "../reader/directory-reader";
import { inOrderAt } from "../reader/parent-of";
import { KINDS, type Kind, PLACES } from "./index-names";
import type { Wanted } from "./parse-search";

/** Rows read of the index: an object may have several that fit, its pinyin and the initials of that. */
const ROWS_MAX = 500;

/** What a row of the index says of an object. */
type Term = {
  readonly id: string;
  readonly place: number;
  readonly term: string;
  readonly range: number;
};

/** What may be a hit. */
export type Candidate = {
  readonly id: string;
  /** By what it is found, the best first. The smaller the rank, the better: the id itself, the whole name, its beginning, within it. */
  readonly terms: readonly (Term & { readonly rank: number })[];
};

export type Candidates = {
  /** Best first. */
  readonly found: readonly Candidate[];
  /** Whether there are more than were looked at. */
  readonly isMore: boolean;
};

/** The key of a kind's table. */
export const KEYS = {
  department: { key: "department_id", type: "bigint" },
  member: { key: "user_id", type: "text" },
} as const satisfies Record<Kind, object>;

/** What a term belongs to, or nothing. */
function objectAt(kind: Kind, value: string, isLive: boolean): string {
  const { key, type } = KEYS[kind];
  const live = isLive ? "AND removed_at IS NULL" : "";
  return `(SELECT ${key}::text AS id FROM ${kind}
    WHERE organization_id = $1 AND app_id = $2 ${inOrderAt(key, `${value}::${type}`, 1, live)}) object`;
}

/** By the term's key in its own type: PostgreSQL 17 trusts no cast of a row's text, and would enter no index with it. */
const whereLive = (kind: Kind): string => `
   CROSS JOIN LATERAL (SELECT hit.object_id::${KEYS[kind].type} AS id OFFSET 0) key
   CROSS JOIN LATERAL ${objectAt(kind, "key.id", true)}`;

/** Names within one range of terms, in the order of the key: the first ones are there before the last ones are read. */
const inRange = (kind: Kind, place: number, range: number, isLive: boolean): string => `
  (SELECT ${place} AS place, hit.term, ${range} AS range, hit.object_id AS id
   FROM search_term hit ${isLive ? whereLive(kind) : ""}
   WHERE hit.organization_id = $1 AND hit.app_id = $2 AND hit.kind = ${KINDS[kind]} AND hit.place = ${place}
     AND hit.term >= $${5 + range * 2} AND hit.term < $${6 + range * 2}
   ORDER BY hit.term LIMIT $3)`;

/**
 * The statement that looks through an index. Its parameters: the scope, how many rows, the id that was typed, and both
 * ends of each range.
 */
function candidatesSql(kind: Kind, ranges: number, isLive: boolean): string {
  const own = `(SELECT ${PLACES.first} AS place, '' AS term, 0 AS range, object.id FROM ${objectAt(kind, "$4", isLive)})`;
  const parts = Object.values(PLACES).flatMap((place) =>
    Array.from({ length: ranges }, (_, range) => inRange(kind, place, range, isLive)),
  );
  return `${[own, ...parts].join("\n UNION ALL ")}\n LIMIT $3`;
}

function rankOf({ id, place, term }: Term, { text, ranges }: Wanted): number {
  if (id.toLowerCase() === text) return 0;
  if (place === PLACES.inside) return 3;
  return ranges.some(({ from }) => from === term) ? 1 : 2;
}

type Ranked = Candidate["terms"][number];

const byRank = (a: Ranked, b: Ranked): number =>
  a.rank - b.rank || a.term.length - b.term.length || (a.term < b.term ? -1 : Number(a.term > b.term));

/** Which rows of the index are looked at. */
export type RowsWanted = {
  /** Whether what was removed takes no room: a look-up more for each row. */
  readonly isLive: boolean;
  readonly rowsMax?: number;
};

/** What may be found by a name or its pinyin, from the index alone: whether it is there is yet to be seen. */
export async function findCandidates(
  { client, scope }: DirectoryReader,
  kind: Kind,
  wanted: Wanted,
  { isLive, rowsMax = ROWS_MAX }: RowsWanted,
): Promise<Candidates> {
  const sql = candidatesSql(kind, wanted.ranges.length, isLive);
  const id = kind === "member" ? wanted.text : (departmentId.safeParse(wanted.text).data ?? null);
  const ends = wanted.ranges.flatMap(({ from, to }) => [from, to]);
  const { rows } = await client.query<Term>(sql, [...scope, rowsMax, id, ...ends]);
  const ranked = rows.map((row) => ({ ...row, rank: rankOf(row, wanted) })).sort(byRank);
  const found = [...Map.groupBy(ranked, ({ id }) => id)].map(([id, terms]) => ({ id, terms }));
  return { found, isMore: rows.length >= rowsMax };
}
