import "server-only";
import type { DirectoryReader } from "../reader/directory-reader";
import { ANCESTORS } from "../reader/paths";
import type { Candidate } from "./find-candidates";
import { findHits, type Hits } from "./find-hits";
import { KINDS, type Kind } from "./index-names";
import type { NameQuery, ParsedSearch } from "./parse-search";

type Level = { readonly ids: readonly string[]; readonly parents: readonly (string | null)[] };

const LEVELS = `${ANCESTORS} SELECT ids::text[], parents::text[] FROM ancestors WHERE ids IS NOT NULL`;

async function parentsOf({ client, scope }: DirectoryReader, ids: readonly string[]) {
  const { rows } = await client.query<Level>(LEVELS, [...scope, ids]);
  return new Map(
    rows.flatMap(({ ids, parents }) => ids.map((id, index) => [id, parents[index] ?? null] as const)),
  );
}

const PLACES = `
  SELECT user_id AS id, department_id::text AS "departmentId" FROM member_place
  WHERE organization_id = $1 AND app_id = $2 AND user_id = ANY ($3::text[]) ORDER BY user_id`;

/** Returns the departments of each candidate; a department's own id for a department. */
async function departmentsOf(
  { client, scope }: DirectoryReader,
  kind: Kind,
  ids: readonly string[],
): Promise<Map<string, string[]>> {
  if (kind === "department") return new Map(ids.map((id) => [id, [id]]));
  const { rows } = await client.query<{ id: string; departmentId: string }>(PLACES, [...scope, ids]);
  const places = new Map<string, string[]>();
  for (const { id, departmentId } of rows) places.set(id, [...(places.get(id) ?? []), departmentId]);
  return places;
}

const NAMED = `
  SELECT named.id, wanted.part FROM (
    SELECT object_id AS id, E'\n' || first || E'\n' || inside AS lines FROM search_name
    WHERE organization_id = $1 AND app_id = $2 AND kind = ${KINDS.department} AND object_id = ANY ($3::text[]) ORDER BY object_id
  ) named, unnest($4::text[], $5::int[]) AS wanted (text, part)
  WHERE position(E'\n' || wanted.text IN named.lines) > 0`;

/** Returns the indexes of the `above` parts that each department matches. */
async function partsOf(
  { client, scope }: DirectoryReader,
  ids: readonly string[],
  above: readonly NameQuery[],
): Promise<Map<string, Set<number>>> {
  const texts = above.flatMap(({ ranges }, part) => ranges.map(({ from }) => ({ from, part })));
  const { rows } = await client.query<{ id: string; part: number }>(NAMED, [
    ...scope,
    ids,
    texts.map(({ from }) => from),
    texts.map(({ part }) => part),
  ]);
  const parts = new Map<string, Set<number>>();
  for (const { id, part } of rows) parts.set(id, (parts.get(id) ?? new Set()).add(part));
  return parts;
}

/** Returns whether the ancestors of `start` match all parts, the last part first. */
function isBelow(
  parents: ReadonlyMap<string, string | null>,
  start: string | null | undefined,
  parts: ReadonlyMap<string, ReadonlySet<number>>,
  count: number,
): boolean {
  let left = count;
  const passed = new Set<string>();
  for (let at = start; at != null && parents.has(at) && left > 0 && !passed.has(at); at = parents.get(at)) {
    passed.add(at);
    if (parts.get(at)?.has(left - 1)) left -= 1;
  }
  return left === 0;
}

/** Keeps the candidates below departments that match `above` in this order, with any number of levels between them. */
async function filterByPath(
  reader: DirectoryReader,
  kind: Kind,
  above: readonly NameQuery[],
  candidates: readonly Candidate[],
): Promise<readonly Candidate[]> {
  if (above.length === 0 || candidates.length === 0) return candidates;
  const places = await departmentsOf(
    reader,
    kind,
    candidates.map(({ id }) => id),
  );
  const parents = await parentsOf(reader, [...new Set([...places.values()].flat())]);
  const isDepartment = kind === "department";
  const wanted = isDepartment ? new Set([...parents.values()].flatMap((id) => id ?? [])) : parents.keys();
  const parts = await partsOf(reader, [...wanted], above);
  return candidates.filter(({ id }) =>
    places.get(id)?.some((at) => isBelow(parents, isDepartment ? parents.get(at) : at, parts, above.length)),
  );
}

export const findInPath = (
  reader: DirectoryReader,
  kind: Kind,
  { above, last }: NonNullable<ParsedSearch["path"]>,
  includeRemoved: boolean,
): Promise<Hits> =>
  findHits(reader, kind, last, {
    includeRemoved,
    keep: (candidates) => filterByPath(reader, kind, above, candidates),
  });
