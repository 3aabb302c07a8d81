import "server-only";
import type { DirectoryReader } from "../reader/directory-reader";
import { INDEXES_ONLY } from "../reader/parent-of";
import { KINDS, type Kind, PLACES } from "./index-names";
import { rangeOf } from "./parse-search";
import { FORM, inForm, isPlain, UNSURE } from "./terms";

/** What is said of a name: that it is the text, or holds it, whatever the case of both. */
export type NameClause = { readonly operator: "eq" | "co"; readonly text: string };

/** So many are looked up one by one. Where there are more, the answer is so large that all may be looked at. */
const FOUND_MAX = 10_000;

/** What PostgreSQL makes of texts where it compares without case, and whether it does so to letters as everywhere. */
const LOWERED = `
  SELECT search_form AS form,
    lower('ABCDEFGHIJKLMNOPQRSTUVWXYZ') = 'abcdefghijklmnopqrstuvwxyz' AS "isUsual",
    ARRAY(SELECT lower(text) FROM unnest($3::text[]) WITH ORDINALITY AS asked (text, n) ORDER BY n) AS texts
  FROM dingtalk_app WHERE organization_id = $1 AND id = $2`;

type Lowered = { readonly form: number; readonly isUsual: boolean; readonly texts: readonly string[] };

const withTerm = (kind: Kind, place: keyof typeof PLACES, from: string, to: string): string => `
  (SELECT object_id AS id FROM search_term
   WHERE organization_id = $1 AND app_id = $2 AND kind = ${KINDS[kind]} AND place = ${PLACES[place]}
     AND term >= ${from} AND term <= ${to} ORDER BY term LIMIT ${FOUND_MAX + 1})`;

/** @param text in lower case, as PostgreSQL has it */
async function findOne(
  { client, scope }: DirectoryReader,
  kind: Kind,
  { operator, text }: NameClause,
): Promise<Set<string> | null> {
  const form = inForm(text);
  // Whatever they are, all of them may have it
  if (form === "") return null;
  const unsure = withTerm(kind, "inside", "$3", "$3");
  const { from, to } = rangeOf(form);
  const places = operator === "eq" ? (["first"] as const) : (["first", "inside"] as const);
  // What isn't plain is in no name that is
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
 * Whose name all of that may be true of, by the index: everybody of whom it is true is among them, and those are then
 * asked themselves.
 *
 * @returns `null` where the index says nothing, or too much: all have to be asked
 */
export async function findNamed(
  reader: DirectoryReader,
  kind: Kind,
  clauses: readonly NameClause[],
): Promise<string[] | null> {
  if (clauses.length === 0) return null;
  await reader.client.query(INDEXES_ONLY);
  const { rows } = await reader.client.query<Lowered>(LOWERED, [
    ...reader.scope,
    clauses.map(({ text }) => text),
  ]);
  const lowered = rows[0];
  if (lowered?.form !== FORM || !lowered.isUsual) return null;
  const sets: Set<string>[] = [];
  for (const [index, { operator }] of clauses.entries()) {
    const ids = await findOne(reader, kind, { operator, text: lowered.texts[index] ?? "" });
    if (ids) sets.push(ids);
  }
  const [first, ...others] = sets;
  return first ? [...first].filter((id) => others.every((set) => set.has(id))) : null;
}
