import "server-only";
import { inOrderAt } from "../tree/parent-of";
import type { Place } from "../tree/place";
import { departmentId } from "../tree/schema";
import { KINDS, type Kind, PLACES, termsOfName } from "./index-names";
import type { Range, Wanted } from "./parse-search";
import { inForm } from "./terms";

/**
 * For the transaction: of two indexes the one that gives the order, even where another is a level lower; and nothing is
 * compiled for a statement that looks up a few hundred rows.
 */
export const INDEXES_ONLY = "SET LOCAL enable_sort = off; SET LOCAL jit = off";

/** Hits are counted up to here. */
export const COUNTED_MAX = 500;
/** Rows read of the index: an object may have several that fit, its pinyin and the initials of that. */
const ROWS_MAX = 750;
/** Of those that then have to lie below something. */
export const PATH_ROWS_MAX = 5_000;

/** What may be a hit. */
export type Candidate = {
  readonly id: string;
  readonly name: string;
  /** A member's job number. */
  readonly also: string | null;
  readonly isRemoved: boolean;
  /** The smaller, the better: the id itself, the whole name, its beginning, within it. */
  readonly rank: number;
};

export type Candidates = {
  /** Best first. */
  readonly found: readonly Candidate[];
  /** Whether there are more than were looked at. */
  readonly isMore: boolean;
};

type Row = Omit<Candidate, "rank"> & {
  readonly place: number;
  readonly term: string;
  readonly range: number;
};

const OBJECTS = {
  department: {
    columns: "department_id::text AS id, name, NULL AS also",
    key: "department_id",
    type: "bigint",
  },
  member: {
    columns: "user_id AS id, name, job_number AS also",
    key: "user_id",
    type: "text",
  },
} as const satisfies Record<Kind, object>;

/** What a term belongs to, or nothing. */
function objectAt(kind: Kind, value: string, includeRemoved: boolean): string {
  const { columns, key, type } = OBJECTS[kind];
  const live = includeRemoved ? "" : "AND removed_at IS NULL";
  return `(SELECT ${columns}, removed_at IS NOT NULL AS "isRemoved" FROM ${kind}
    WHERE organization_id = $1 AND app_id = $2 ${inOrderAt(key, `${value}::${type}`, 1, live)}) object`;
}

/** Names within one range of terms, in the order of the key: the first ones are there before the last ones are read. */
const inRange = (kind: Kind, place: number, range: number, includeRemoved: boolean): string => `
  (SELECT ${place} AS place, hit.term, ${range} AS range, object.*
   FROM search_term hit CROSS JOIN LATERAL ${objectAt(kind, "hit.object_id", includeRemoved)}
   WHERE hit.organization_id = $1 AND hit.app_id = $2 AND hit.kind = ${KINDS[kind]} AND hit.place = ${place}
     AND hit.term >= $${5 + range * 2} AND hit.term < $${6 + range * 2}
   ORDER BY hit.term LIMIT $3)`;

/**
 * The statement that looks through an index. Its parameters: the scope, how many rows, the id that was typed, and both
 * ends of each range.
 */
export function candidatesSql(kind: Kind, ranges: number, includeRemoved: boolean): string {
  const own = `(SELECT ${PLACES.first} AS place, '' AS term, 0 AS range, object.* FROM ${objectAt(kind, "$4", includeRemoved)})`;
  const parts = Object.values(PLACES).flatMap((place) =>
    Array.from({ length: ranges }, (_, range) => inRange(kind, place, range, includeRemoved)),
  );
  return `${[own, ...parts].join("\n UNION ALL ")}\n LIMIT $3`;
}

function isMeant({ name, id, also, term }: Row, { holds, longer }: Range, kind: Kind): boolean {
  // Found by its id
  if (term === "") return true;
  if (holds.length > 0 && !holds.every((part) => inForm(name).includes(part))) return false;
  if (longer === null) return true;
  const { first, inside } = termsOfName({ kind, id, name, also: also === null ? [] : [also] }, longer.length);
  return [...first, ...inside].some((term) => term.startsWith(longer));
}

function rankOf({ id, place, term }: Row, { text, ranges }: Wanted): number {
  if (id.toLowerCase() === text) return 0;
  if (place === PLACES.inside) return 3;
  return ranges.some(({ from }) => from === term) ? 1 : 2;
}

const byRank = (a: Candidate, b: Candidate): number =>
  a.rank - b.rank ||
  a.name.length - b.name.length ||
  (a.name < b.name ? -1 : Number(a.name > b.name)) ||
  (a.id < b.id ? -1 : 1);

type Options = { readonly includeRemoved: boolean; readonly rowsMax?: number };

/** What is found by a name or its pinyin, from the index alone. */
export async function findCandidates(
  { client, scope }: Place,
  kind: Kind,
  wanted: Wanted,
  { includeRemoved, rowsMax = ROWS_MAX }: Options,
): Promise<Candidates> {
  const sql = candidatesSql(kind, wanted.ranges.length, includeRemoved);
  const id = kind === "member" ? wanted.text : (departmentId.safeParse(wanted.text).data ?? null);
  const ends = wanted.ranges.flatMap(({ from, to }) => [from, to]);
  const { rows } = await client.query<Row>(sql, [...scope, rowsMax, id, ...ends]);
  const best = new Map<string, Candidate>();
  for (const row of rows) {
    const range = wanted.ranges[row.range];
    const rank = rankOf(row, wanted);
    if (!range || (best.get(row.id)?.rank ?? Number.POSITIVE_INFINITY) <= rank) continue;
    const { id, name, also, isRemoved } = row;
    if (isMeant(row, range, kind)) best.set(id, { id, name, also, isRemoved, rank });
  }
  return { found: [...best.values()].sort(byRank), isMore: rows.length >= rowsMax };
}
