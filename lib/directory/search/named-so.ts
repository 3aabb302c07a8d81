import "server-only";
import type { DirectoryReader } from "../reader/directory-reader";
import { INDEXES_ONLY } from "../reader/parent-of";
import { type Candidates, findCandidates, KEYS } from "./find-candidates";
import { isMeant, readThings } from "./find-hits";
import { KINDS, type Kind } from "./index-names";
import { type Wanted, wantedOf } from "./parse-search";
import { inForm } from "./terms";

/** A condition on rows, with the one value that it takes. */
export type Condition = { readonly condition: (name: string) => string; readonly value: unknown };

type Asked = {
  readonly text: string;
  /** What the rows are called in the statement that the condition is for. */
  readonly row: string;
  readonly includeRemoved: boolean;
};

/** Whether a line of a row's terms begins with one of the texts: asked of one row after another. */
const hasTerm = (kind: Kind, row: string) => (texts: string) =>
  `EXISTS (
  SELECT FROM search_name n, unnest(${texts}::text[]) text
  WHERE n.organization_id = $1 AND n.app_id = $2 AND n.kind = ${KINDS[kind]} AND n.object_id = ${row}.${KEYS[kind].key}::text
    AND position(E'\\n' || text IN E'\\n' || n.first || E'\\n' || n.inside) > 0)`;

async function idsOf(
  reader: DirectoryReader,
  kind: Kind,
  wanted: Wanted,
  { found }: Candidates,
): Promise<string[]> {
  const terms = new Map(found.map((candidate) => [candidate.id, candidate.terms]));
  const things = await readThings(reader, kind, [...terms.keys()]);
  return things.flatMap((thing) =>
    terms.get(thing.id)?.some((term) => isMeant(thing, term, kind, wanted)) ? thing.id : [],
  );
}

/**
 * Which departments or members a text names. Few are told by their ids; many are found by looking at each in turn, for
 * then a page of them is soon full.
 */
export async function namedSo(
  reader: DirectoryReader,
  kind: Kind,
  { text, row, includeRemoved }: Asked,
): Promise<Condition> {
  await reader.client.query(INDEXES_ONLY);
  const wanted = wantedOf(inForm(text));
  let found = await findCandidates(reader, kind, wanted, { isLive: false });
  // What was removed may have taken the room
  if (found.isMore && !includeRemoved) found = await findCandidates(reader, kind, wanted, { isLive: true });
  const { key, type } = KEYS[kind];
  if (!found.isMore)
    return {
      condition: (ids) => `${row}.${key} = ANY (${ids}::${type}[])`,
      value: await idsOf(reader, kind, wanted, found),
    };
  return {
    condition: hasTerm(kind, row),
    value: wanted.ranges.filter(({ holds }) => holds.length === 0).map(({ from }) => from),
  };
}
