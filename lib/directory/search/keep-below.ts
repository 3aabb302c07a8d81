import "server-only";
import type { DirectoryReader } from "../reader/directory-reader";
import { GOING_UP } from "../reader/parent-of";
import type { Candidate } from "./find-candidates";
import { findHits, type Hits } from "./find-hits";
import { KINDS, type Kind } from "./index-names";
import type { Search, Wanted } from "./parse-search";

type Level = { readonly ids: readonly string[]; readonly parents: readonly (string | null)[] };

const LEVELS = `${GOING_UP} SELECT ids::text[], parents::text[] FROM up WHERE ids IS NOT NULL`;

/** The parent of each of these departments and of all above them. */
async function parentsOf({ client, scope }: DirectoryReader, ids: readonly string[]) {
  const { rows } = await client.query<Level>(LEVELS, [...scope, ids]);
  return new Map(
    rows.flatMap(({ ids, parents }) => ids.map((id, index) => [id, parents[index] ?? null] as const)),
  );
}

const PLACES = `
  SELECT user_id AS id, department_id::text AS "departmentId" FROM member_place
  WHERE organization_id = $1 AND app_id = $2 AND user_id = ANY ($3::text[]) ORDER BY user_id`;

/** Where each candidate stands: a department where it is, a member in each of their departments. */
async function standsIn(
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

/** Which of these departments have a term that begins with a text, by what each is found by. */
const NAMED = `
  SELECT named.id, wanted.part FROM (
    SELECT object_id AS id, E'\n' || first || E'\n' || inside AS lines FROM search_name
    WHERE organization_id = $1 AND app_id = $2 AND kind = ${KINDS.department} AND object_id = ANY ($3::text[]) ORDER BY object_id
  ) named, unnest($4::text[], $5::int[]) AS wanted (text, part)
  WHERE position(E'\n' || wanted.text IN named.lines) > 0`;

/** Which parts of what is wanted each of these departments is, by their ids. */
async function partsOf(
  { client, scope }: DirectoryReader,
  ids: readonly string[],
  above: readonly Wanted[],
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

/** Whether the way up from `start` meets all the parts, the last of them first. */
function liesBelow(
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

/** Those that lie below departments that `above` names, in their order and not necessarily one right below the other. */
async function keepBelow(
  reader: DirectoryReader,
  kind: Kind,
  above: readonly Wanted[],
  candidates: readonly Candidate[],
): Promise<readonly Candidate[]> {
  if (above.length === 0 || candidates.length === 0) return candidates;
  const places = await standsIn(
    reader,
    kind,
    candidates.map(({ id }) => id),
  );
  const parents = await parentsOf(reader, [...new Set([...places.values()].flat())]);
  const isDepartment = kind === "department";
  const asked = isDepartment ? new Set([...parents.values()].flatMap((id) => id ?? [])) : parents.keys();
  const parts = await partsOf(reader, [...asked], above);
  return candidates.filter(({ id }) =>
    places
      .get(id)
      ?.some((at) => liesBelow(parents, isDepartment ? parents.get(at) : at, parts, above.length)),
  );
}

/** What is found by the last part of a path and lies below departments that the parts before it name. */
export const findBelow = (
  reader: DirectoryReader,
  kind: Kind,
  { above, last }: NonNullable<Search["path"]>,
  includeRemoved: boolean,
): Promise<Hits> =>
  findHits(reader, kind, last, {
    includeRemoved,
    keep: (candidates) => keepBelow(reader, kind, above, candidates),
  });
