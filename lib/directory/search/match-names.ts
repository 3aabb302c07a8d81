import "server-only";
import type { DirectoryReader } from "../reader/directory-reader";
import { PREFER_INDEX_ORDER } from "../reader/row-sql";
import { type Candidates, findCandidates, KEYS } from "./find-candidates";
import { matchesQuery, readObjects } from "./find-hits";
import { KINDS, type Kind, PLACES } from "./index-names";
import { normalize } from "./normalize-text";
import { type NameQuery, nameQueryOf, rangeOf } from "./parse-search";
import { FORM, isPlain, UNSURE } from "./search-terms";

/** A SQL condition on rows, with its single value. */
export type Condition = { readonly condition: (parameter: string) => string; readonly value: unknown };

type ConditionOptions = {
  readonly text: string;
  readonly row: string;
  readonly includeRemoved: boolean;
};

/** Tests each row in turn: whether one of its terms begins with one of the texts. */
const hasTerm = (kind: Kind, row: string) => (texts: string) =>
  `EXISTS (
  SELECT FROM search_name n, unnest(${texts}::text[]) text
  WHERE n.organization_id = $1 AND n.app_id = $2 AND n.kind = ${KINDS[kind]} AND n.object_id = ${row}.${KEYS[kind].key}::text
    AND position(E'\\n' || text IN E'\\n' || n.first || E'\\n' || n.inside) > 0)`;

async function matchingIds(
  reader: DirectoryReader,
  kind: Kind,
  query: NameQuery,
  { found }: Candidates,
): Promise<string[]> {
  const terms = new Map(found.map((candidate) => [candidate.id, candidate.terms]));
  const objects = await readObjects(reader, kind, [...terms.keys()]);
  return objects.flatMap((object) =>
    terms.get(object.id)?.some((term) => matchesQuery(object, term, kind, query)) ? object.id : [],
  );
}

/** Returns a condition for matching rows. A few matches are listed by id; with more, each row is tested. */
export async function nameCondition(
  reader: DirectoryReader,
  kind: Kind,
  { text, row, includeRemoved }: ConditionOptions,
): Promise<Condition> {
  await reader.client.query(PREFER_INDEX_ORDER);
  const query = nameQueryOf(normalize(text));
  let candidates = await findCandidates(reader, kind, query, { isLive: false });
  // Removed objects may have crowded out current ones
  if (candidates.isMore && !includeRemoved)
    candidates = await findCandidates(reader, kind, query, { isLive: true });
  const { key, type } = KEYS[kind];
  if (!candidates.isMore)
    return {
      condition: (ids) => `${row}.${key} = ANY (${ids}::${type}[])`,
      value: await matchingIds(reader, kind, query, candidates),
    };
  return {
    condition: hasTerm(kind, row),
    value: query.ranges.filter(({ contains }) => contains.length === 0).map(({ from }) => from),
  };
}

/** A case-insensitive condition on a name: equals (`eq`) or contains (`co`). */
export type NameClause = { readonly operator: "eq" | "co"; readonly text: string };

/** Above this number of matches a scan is cheaper than lookups by row. */
const FOUND_MAX = 10_000;

/** Lowercases texts as PostgreSQL compares them, and tells whether its locale lowercases ASCII as usual. */
const LOWERED = `
  SELECT search_form AS form,
    lower('ABCDEFGHIJKLMNOPQRSTUVWXYZ') = 'abcdefghijklmnopqrstuvwxyz' AS "isUsual",
    ARRAY(SELECT lower(text) FROM unnest($3::text[]) WITH ORDINALITY AS given (text, n) ORDER BY n) AS texts
  FROM dingtalk_app WHERE organization_id = $1 AND id = $2`;

type Lowered = { readonly form: number; readonly isUsual: boolean; readonly texts: readonly string[] };

const withTerm = (kind: Kind, place: keyof typeof PLACES, from: string, to: string): string => `
  (SELECT object_id AS id FROM search_term
   WHERE organization_id = $1 AND app_id = $2 AND kind = ${KINDS[kind]} AND place = ${PLACES[place]}
     AND term >= ${from} AND term <= ${to} ORDER BY term LIMIT ${FOUND_MAX + 1})`;

/** @param text lowercased by PostgreSQL */
async function findByClause(
  { client, scope }: DirectoryReader,
  kind: Kind,
  { operator, text }: NameClause,
): Promise<Set<string> | null> {
  const form = normalize(text);
  // Spaces and control characters are in no term: any name may match
  if (form === "") return null;
  const unsure = withTerm(kind, "inside", "$3", "$3");
  const { from, to } = rangeOf(form);
  const places = operator === "eq" ? (["first"] as const) : (["first", "inside"] as const);
  // Names without special characters can't match a text with them
  const statements = isPlain(text) ? places.map((place) => withTerm(kind, place, "$4", "$5")) : [];
  const { rows } = await client.query<{ id: string }>([unsure, ...statements].join(" UNION ALL "), [
    ...scope,
    UNSURE,
    ...(statements.length > 0 ? [from, operator === "eq" ? from : to] : []),
  ]);
  const ids = new Set(rows.map(({ id }) => id));
  return ids.size > FOUND_MAX ? null : ids;
}

/**
 * Returns a superset of the objects that satisfy all clauses. @returns `null` when the index can't narrow the search
 */
export async function findByNameClauses(
  reader: DirectoryReader,
  kind: Kind,
  clauses: readonly NameClause[],
): Promise<string[] | null> {
  if (clauses.length === 0) return null;
  await reader.client.query(PREFER_INDEX_ORDER);
  const { rows } = await reader.client.query<Lowered>(LOWERED, [
    ...reader.scope,
    clauses.map(({ text }) => text),
  ]);
  const lowered = rows[0];
  if (lowered?.form !== FORM || !lowered.isUsual) return null;
  const sets: Set<string>[] = [];
  for (const [index, { operator }] of clauses.entries()) {
    const ids = await findByClause(reader, kind, { operator, text: lowered.texts[index] ?? "" });
    if (ids) sets.push(ids);
  }
  const [first, ...others] = sets;
  return first ? [...first].filter((id) => others.every((set) => set.has(id))) : null;
}
