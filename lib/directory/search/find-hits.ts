import "server-only";
import { HITS_MAX } from "../page-sizes";
import type { DirectoryReader } from "../reader/directory-reader";
import { type Candidate, findCandidates, KEYS, type RowsWanted } from "./find-candidates";
import { type Kind, termsOfName } from "./index-names";
import { normalize } from "./normalize-text";
import type { NameQuery } from "./parse-search";
import { byRank, type Rank } from "./rank";
import type { FoundMember } from "./schema";

const FILTERED_ROWS_MAX = 1_000;
const ROWS_MORE = 5_000;
const FILTERED_BATCH = 600;

type MemberFields = Pick<FoundMember, "title" | "jobNumber" | "isActive">;

type FoundObject = Partial<MemberFields> & {
  readonly id: string;
  readonly name: string;
  readonly isRemoved: boolean;
};

export type Hit = FoundObject & { readonly rank: Rank };

export type Hits = {
  readonly found: readonly Hit[];
  readonly isMore: boolean;
};

export const NO_HITS: Hits = { found: [], isMore: false };

const COLUMNS: Readonly<Record<Kind, string>> = {
  department: "department_id::text AS id, name",
  member: `user_id AS id, name, title, job_number AS "jobNumber", is_active AS "isActive"`,
};

/** ORDER BY the key rules out every other index. */
const objectsSql = (kind: Kind): string => `
  SELECT ${COLUMNS[kind]}, removed_at IS NOT NULL AS "isRemoved" FROM ${kind}
  WHERE organization_id = $1 AND app_id = $2 AND ${KEYS[kind].key} = ANY ($3::${KEYS[kind].type}[]) ORDER BY ${KEYS[kind].key}`;

export async function readObjects(
  { client, scope }: DirectoryReader,
  kind: Kind,
  ids: readonly string[],
): Promise<FoundObject[]> {
  if (ids.length === 0) return [];
  return (await client.query<FoundObject>(objectsSql(kind), [...scope, ids])).rows;
}

/** Compares the full name with the query, which may be longer than a term. */
export function matchesQuery(
  { id, name, jobNumber }: FoundObject,
  { term, range }: Candidate["terms"][number],
  kind: Kind,
  { ranges }: NameQuery,
): boolean {
  // Matched by its id
  if (term === "") return true;
  const { contains, longer } = ranges[range] ?? { contains: [], longer: null };
  if (contains.length > 0 && !contains.every((part) => normalize(name).includes(part))) return false;
  if (longer === null) return true;
  const { first, inside } = termsOfName(
    { kind, id, name, also: jobNumber ? [jobNumber] : [] },
    longer.length,
  );
  return [...first, ...inside].some((text) => text.startsWith(longer));
}

type Options = {
  readonly includeRemoved: boolean;
  readonly keep?: (candidates: readonly Candidate[]) => Promise<readonly Candidate[]>;
};

type CollectedHits = Hits & { readonly hasRemoved: boolean };

async function collectHits(
  reader: DirectoryReader,
  kind: Kind,
  query: NameQuery,
  { includeRemoved, keep, ...rows }: Options & RowsWanted,
): Promise<CollectedHits> {
  const { found: candidates, isMore } = await findCandidates(reader, kind, query, rows);
  const hits: Hit[] = [];
  let hasRemoved = false;
  let at = 0;
  while (at < candidates.length && hits.length < HITS_MAX) {
    const next = candidates.slice(at, at + Math.max(at, keep ? FILTERED_BATCH : HITS_MAX));
    at += next.length;
    const kept = keep ? await keep(next) : next;
    const terms = new Map(kept.map((candidate) => [candidate.id, candidate.terms]));
    for (const object of await readObjects(reader, kind, [...terms.keys()])) {
      hasRemoved ||= object.isRemoved;
      if (object.isRemoved && !includeRemoved) continue;
      const best = terms.get(object.id)?.find((term) => matchesQuery(object, term, kind, query));
      if (best) hits.push({ ...object, rank: best.rank });
    }
  }
  const found = hits.sort(byRank).slice(0, HITS_MAX);
  return { found, isMore: isMore || at < candidates.length || hits.length > HITS_MAX, hasRemoved };
}

/**
 * Finds departments or members by name or pinyin, best rank first. Reads more index rows only if there are few hits.
 */
export async function findHits(
  reader: DirectoryReader,
  kind: Kind,
  query: NameQuery,
  options: Options,
): Promise<Hits> {
  const first = await collectHits(reader, kind, query, {
    ...options,
    isLive: false,
    ...(options.keep && { rowsMax: FILTERED_ROWS_MAX }),
  });
  if (!first.isMore || first.found.length === HITS_MAX) return first;
  const isLive = first.hasRemoved && !options.includeRemoved;
  return collectHits(reader, kind, query, { ...options, isLive, rowsMax: ROWS_MORE });
}
