import "server-only";

import { departmentId } from "../ids";
import type { DirectoryReader } from "../reader/directory-reader";
import { keyLookup } from "../reader/row-sql";
import { KINDS, type Kind, PLACES } from "./index-names";
import type { NameQuery } from "./parse-search";
import { byTermRank, type RankedTerm, rankOf, type Term } from "./rank";

/** Index rows to read. An object may match with several: its name, its pinyin and its initials. */
const ROWS_MAX = 500;

export type Candidate = {
  readonly id: string;
  /** The matching terms, best rank first. */
  readonly terms: readonly RankedTerm[];
};

export type Candidates = {
  readonly found: readonly Candidate[];
  readonly isMore: boolean;
};

export const KEYS = {
  department: { key: "department_id", type: "bigint" },
  member: { key: "user_id", type: "text" },
} as const satisfies Record<Kind, object>;

function objectAt(kind: Kind, value: string, isLive: boolean): string {
  const { key, type } = KEYS[kind];
  const live = isLive ? "AND removed_at IS NULL" : "";
  return `(SELECT ${key}::text AS id FROM ${kind}
    WHERE organization_id = $1 AND app_id = $2 ${keyLookup(key, `${value}::${type}`, 1, live)}) object`;
}

/** The cast is a subquery of its own: PostgreSQL 17 uses no index for a cast inside the lookup. */
const whereLive = (kind: Kind): string => `
   CROSS JOIN LATERAL (SELECT hit.object_id::${KEYS[kind].type} AS id OFFSET 0) key
   CROSS JOIN LATERAL ${objectAt(kind, "key.id", true)}`;

/** Selects the terms of one range in key order, so that LIMIT stops the scan early. */
const inRange = (kind: Kind, place: number, range: number, isLive: boolean): string => `
  (SELECT ${place} AS place, hit.term, ${range} AS range, hit.object_id AS id
   FROM search_term hit ${isLive ? whereLive(kind) : ""}
   WHERE hit.organization_id = $1 AND hit.app_id = $2 AND hit.kind = ${KINDS[kind]} AND hit.place = ${place}
     AND hit.term >= $${5 + range * 2} AND hit.term < $${6 + range * 2}
   ORDER BY hit.term LIMIT $3)`;

/** Returns the index query. Parameters: the scope, the row limit, the id that was typed, and both ends of each range. */
function candidatesSql(kind: Kind, ranges: number, isLive: boolean): string {
  const own = `(SELECT ${PLACES.first} AS place, '' AS term, 0 AS range, object.id FROM ${objectAt(kind, "$4", isLive)})`;
  const parts = Object.values(PLACES).flatMap((place) =>
    Array.from({ length: ranges }, (_, range) => inRange(kind, place, range, isLive)),
  );
  return `${[own, ...parts].join("\n UNION ALL ")}\n LIMIT $3`;
}

export type RowsWanted = {
  /** Skips removed objects at the cost of one lookup per row, so that they don't use up the limit. */
  readonly isLive: boolean;
  readonly rowsMax?: number;
};

/** Finds objects by name or pinyin from the index alone; without `isLive` they may have been removed. */
export async function findCandidates(
  { client, scope }: DirectoryReader,
  kind: Kind,
  query: NameQuery,
  { isLive, rowsMax = ROWS_MAX }: RowsWanted,
): Promise<Candidates> {
  const sql = candidatesSql(kind, query.ranges.length, isLive);
  const id = kind === "member" ? query.text : (departmentId.safeParse(query.text).data ?? null);
  const ends = query.ranges.flatMap(({ from, to }) => [from, to]);
  const { rows } = await client.query<Term>(sql, [...scope, rowsMax, id, ...ends]);
  const ranked = rows.map((row) => ({ ...row, rank: rankOf(row, query) })).sort(byTermRank);
  const found = [...Map.groupBy(ranked, ({ id }) => id)].map(([id, terms]) => ({ id, terms }));
  return { found, isMore: rows.length >= rowsMax };
}
