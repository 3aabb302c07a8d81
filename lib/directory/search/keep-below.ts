import "server-only";
import { departmentsById, inOrderAt, withParentOf } from "../tree/parent-of";
import type { Place } from "../tree/place";
import { type Candidates, findCandidates, PATH_ROWS_MAX } from "./find-candidates";
import { type Kind, termsOfName } from "./index-names";
import type { Search, Wanted } from "./parse-search";

type Step = { readonly id: string; readonly parentId: string | null; readonly name: string };

const STEPS = `
  WITH RECURSIVE upward AS (
    ${departmentsById("d.department_id, d.parent_id, d.name")}
    UNION
    SELECT p.department_id, p.parent_id, p.name FROM ${withParentOf("upward")}
  )
  SELECT department_id::text AS id, parent_id::text AS "parentId", name FROM upward`;

/** A member is looked for in so many departments; few are in more than three. */
const PLACES_MAX = 20;

/** The departments that a member is in. */
export const placesOf = (userId: string): string => `
  SELECT department_id FROM member_place
  WHERE organization_id = $1 AND app_id = $2 ${inOrderAt("user_id", userId, PLACES_MAX)}`;

const PLACES_OF = `
  SELECT hit.id, p.department_id::text AS "departmentId" FROM unnest($3::text[]) AS hit (id)
  CROSS JOIN LATERAL (${placesOf("hit.id")}) p`;

/** Where each candidate stands: a department below its parent, a member in each of their departments. */
async function standsIn(
  { client, scope }: Place,
  kind: Kind,
  ids: readonly string[],
): Promise<Map<string, string[]>> {
  if (kind === "department") return new Map(ids.map((id) => [id, [id]]));
  const { rows } = await client.query<{ id: string; departmentId: string }>(PLACES_OF, [...scope, ids]);
  const places = new Map<string, string[]>();
  for (const { id, departmentId } of rows) places.set(id, [...(places.get(id) ?? []), departmentId]);
  return places;
}

/** Whether a name is one that `wanted` means; asked once for each. */
function makeMatcher(wanted: Wanted): (name: string) => boolean {
  const known = new Map<string, boolean>();
  const find = (name: string) => {
    const { first, inside } = termsOfName({ kind: "department", id: "", name });
    return wanted.ranges.some(({ from }) => [...first, ...inside].some((term) => term.startsWith(from)));
  };
  return (name) => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const isMeant = find(name);
    known.set(name, isMeant);
    return isMeant;
  };
}

/** Whether the way up from `start` meets all that is wanted, the last of them first. */
function liesBelow(
  steps: ReadonlyMap<string, Step>,
  start: string | null,
  matchers: readonly ((name: string) => boolean)[],
): boolean {
  let left = matchers.length;
  const passed = new Set<string>();
  for (
    let at = steps.get(start ?? "");
    at && left > 0 && !passed.has(at.id);
    at = steps.get(at.parentId ?? "")
  ) {
    passed.add(at.id);
    if (matchers[left - 1]?.(at.name)) left -= 1;
  }
  return left === 0;
}

/**
 * What is found by the last part of a path and lies below departments that the parts before it name, in their order
 * and not necessarily one right below the other.
 */
export async function keepBelow(
  place: Place,
  kind: Kind,
  { above, last }: NonNullable<Search["path"]>,
  { includeRemoved }: { readonly includeRemoved: boolean },
): Promise<Candidates> {
  const { found, isMore } = await findCandidates(place, kind, last, {
    includeRemoved,
    rowsMax: PATH_ROWS_MAX,
  });
  if (above.length === 0 || found.length === 0) return { found, isMore };
  const places = await standsIn(
    place,
    kind,
    found.map(({ id }) => id),
  );
  const { client, scope } = place;
  const { rows } = await client.query<Step>(STEPS, [...scope, [...new Set([...places.values()].flat())]]);
  const steps = new Map(rows.map((step) => [step.id, step]));
  const matchers = above.map(makeMatcher);
  const isBelow = (id: string): boolean =>
    (places.get(id) ?? []).some((at) =>
      liesBelow(steps, kind === "department" ? (steps.get(at)?.parentId ?? null) : at, matchers),
    );
  return { found: found.filter(({ id }) => isBelow(id)), isMore };
}
