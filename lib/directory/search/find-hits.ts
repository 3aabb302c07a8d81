import "server-only";
import type { DirectoryReader } from "../reader/directory-reader";
import { type Candidate, findCandidates, KEYS, type RowsWanted } from "./find-candidates";
import { type Kind, termsOfName } from "./index-names";
import type { Wanted } from "./parse-search";
import type { FoundMember } from "./schema";
import { inForm } from "./terms";

/** So many hits are found at most, and counted. */
export const HITS_MAX = 200;
/** Rows of the index that are looked at first where some will be left out. */
const ROWS_KEPT = 1_000;
/** Rows that are looked at where the first ones were too few hits. */
const ROWS_MORE = 5_000;
/** So many are looked at first, of whom some will be left out. */
const KEPT_OF = 600;

type OfMember = Pick<FoundMember, "title" | "jobNumber" | "isActive">;

/** A department or member; what only members have is left out of a department. */
type Thing = Partial<OfMember> & {
  readonly id: string;
  readonly name: string;
  readonly isRemoved: boolean;
};

export type Hit = Thing & { readonly rank: number };

export type Hits = {
  /** Best first. */
  readonly found: readonly Hit[];
  /** Whether there may be more. */
  readonly isMore: boolean;
};

export const NO_HITS: Hits = { found: [], isMore: false };

const COLUMNS: Readonly<Record<Kind, string>> = {
  department: "department_id::text AS id, name",
  member: `user_id AS id, name, title, job_number AS "jobNumber", is_active AS "isActive"`,
};

/** In the order of the key, so that no index but the key's will do. */
const thingsSql = (kind: Kind): string => `
  SELECT ${COLUMNS[kind]}, removed_at IS NOT NULL AS "isRemoved" FROM ${kind}
  WHERE organization_id = $1 AND app_id = $2 AND ${KEYS[kind].key} = ANY ($3::${KEYS[kind].type}[]) ORDER BY ${KEYS[kind].key}`;

/** The departments or members of these ids that are there, or were. */
export async function readThings(
  { client, scope }: DirectoryReader,
  kind: Kind,
  ids: readonly string[],
): Promise<Thing[]> {
  if (ids.length === 0) return [];
  return (await client.query<Thing>(thingsSql(kind), [...scope, ids])).rows;
}

/** Whether a name is found by all that was typed, which may be more than a term says. */
export function isMeant(
  { id, name, jobNumber }: Thing,
  { term, range }: Candidate["terms"][number],
  kind: Kind,
  { ranges }: Wanted,
): boolean {
  // Found by its id
  if (term === "") return true;
  const { holds, longer } = ranges[range] ?? { holds: [], longer: null };
  if (holds.length > 0 && !holds.every((part) => inForm(name).includes(part))) return false;
  if (longer === null) return true;
  const { first, inside } = termsOfName(
    { kind, id, name, also: jobNumber ? [jobNumber] : [] },
    longer.length,
  );
  return [...first, ...inside].some((text) => text.startsWith(longer));
}

const byRank = (a: Hit, b: Hit): number =>
  a.rank - b.rank ||
  a.name.length - b.name.length ||
  (a.name < b.name ? -1 : Number(a.name > b.name)) ||
  (a.id < b.id ? -1 : 1);

type Options = {
  readonly includeRemoved: boolean;
  /** Leaves out what is meant to be found elsewhere. */
  readonly keep?: (candidates: readonly Candidate[]) => Promise<readonly Candidate[]>;
};

type Look = Hits & { readonly hasRemoved: boolean };

async function look(
  reader: DirectoryReader,
  kind: Kind,
  wanted: Wanted,
  { includeRemoved, keep, ...rows }: Options & RowsWanted,
): Promise<Look> {
  const { found: candidates, isMore } = await findCandidates(reader, kind, wanted, rows);
  const hits: Hit[] = [];
  let hasRemoved = false;
  let at = 0;
  while (at < candidates.length && hits.length < HITS_MAX) {
    const next = candidates.slice(at, at + Math.max(at, keep ? KEPT_OF : HITS_MAX));
    at += next.length;
    const kept = keep ? await keep(next) : next;
    const terms = new Map(kept.map((candidate) => [candidate.id, candidate.terms]));
    for (const thing of await readThings(reader, kind, [...terms.keys()])) {
      hasRemoved ||= thing.isRemoved;
      if (thing.isRemoved && !includeRemoved) continue;
      const best = terms.get(thing.id)?.find((term) => isMeant(thing, term, kind, wanted));
      if (best) hits.push({ ...thing, rank: best.rank });
    }
  }
  const found = hits.sort(byRank).slice(0, HITS_MAX);
  return { found, isMore: isMore || at < candidates.length || hits.length > HITS_MAX, hasRemoved };
}

/**
 * What is found by a name or its pinyin, the best of what the index has first. It is looked at for as many rows as are
 * mostly enough; only where too many of them turned out to be no hits, for many more.
 */
export async function findHits(
  reader: DirectoryReader,
  kind: Kind,
  wanted: Wanted,
  options: Options,
): Promise<Hits> {
  const first = await look(reader, kind, wanted, {
    ...options,
    isLive: false,
    ...(options.keep && { rowsMax: ROWS_KEPT }),
  });
  if (!first.isMore || first.found.length === HITS_MAX) return first;
  const isLive = first.hasRemoved && !options.includeRemoved;
  return look(reader, kind, wanted, { ...options, isLive, rowsMax: ROWS_MORE });
}
