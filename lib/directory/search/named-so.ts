import "server-only";
import type { Place } from "../tree/place";
import { findCandidates, INDEXES_ONLY } from "./find-candidates";
import { KINDS } from "./index-names";
import { wantedOf } from "./parse-search";
import { inForm } from "./terms";

/** A condition on rows of `department d`, with the one value that it takes. */
export type Condition = { readonly condition: (name: string) => string; readonly value: unknown };

/** Whether a line of a department's terms begins with one of the texts: asked of one row after another. */
const hasTerm = (texts: string) => `EXISTS (
  SELECT FROM search_name n, unnest(${texts}::text[]) text
  WHERE n.organization_id = $1 AND n.app_id = $2 AND n.kind = ${KINDS.department} AND n.object_id = d.department_id::text
    AND position(E'\\n' || text IN E'\\n' || n.first || E'\\n' || n.inside) > 0)`;

/**
 * Which departments a text names. Few are told by their ids; many are found by looking at each in turn, for then a page
 * of them is soon full.
 */
export async function namedSo(
  place: Place,
  text: string,
  options: { readonly includeRemoved: boolean },
): Promise<Condition> {
  await place.client.query(INDEXES_ONLY);
  const wanted = wantedOf(inForm(text));
  const { found, isMore } = await findCandidates(place, "department", wanted, options);
  if (!isMore)
    return { condition: (ids) => `department_id = ANY (${ids}::bigint[])`, value: found.map(({ id }) => id) };
  return {
    condition: hasTerm,
    value: wanted.ranges.filter(({ holds }) => holds.length === 0).map(({ from }) => from),
  };
}
