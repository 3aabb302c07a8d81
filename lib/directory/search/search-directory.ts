import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { AppError } from "@/lib/errors";
import { err, ok, type Result } from "@/lib/result";
import { departmentsById, inOrderAt, withParentOf } from "../tree/parent-of";
import { inDirectory, type Place } from "../tree/place";
import type { Found, FoundMember, FoundNode } from "../tree/schema";
import { siblingOrder } from "../tree/sibling-order";
import {
  type Candidate,
  type Candidates,
  COUNTED_MAX,
  findCandidates,
  INDEXES_ONLY,
} from "./find-candidates";
import type { Kind } from "./index-names";
import { keepBelow, placesOf } from "./keep-below";
import { parseSearch, type Search } from "./parse-search";

/** So many hits of departments and of members are given at most. */
export const HITS_MAX = 200;
/** A search ends after this time with a sentence, whatever was typed (S26). */
const SEARCH_MS = 2_000;
const QUERY_CANCELED = "57014";
/** Departments that are named of a member: one says enough, and the panel has all. */
const PLACES_MAX = 1;

export type SearchOptions = {
  readonly locale: string;
  readonly includeRemoved?: boolean;
  /** Hits of departments and hits of members, each. */
  readonly limitEach?: number;
  /** For one statement, in milliseconds. */
  readonly timeoutMs?: number;
};

type Asked = Required<Omit<SearchOptions, "timeoutMs">>;

const NOTHING: Candidates = { found: [], isMore: false };

/** What is found by all that was typed, then what is found by it as a path. */
async function findAll(
  place: Place,
  kind: Kind,
  search: Search,
  { includeRemoved }: Asked,
): Promise<Candidates> {
  const whole = await findCandidates(place, kind, search.whole, { includeRemoved });
  if (!search.path || (!search.isPath && whole.found.length > 0)) return whole;
  const below = await keepBelow(place, kind, search.path, { includeRemoved });
  const known = new Set(whole.found.map(({ id }) => id));
  return {
    found: [...whole.found, ...below.found.filter(({ id }) => !known.has(id))],
    isMore: whole.isMore || below.isMore,
  };
}

/** The hits and their ancestors, each once: `UNION` also ends rows that turn in a circle. A removed hit is there itself. */
const withAncestors = (order: string) => `
  WITH RECURSIVE found AS (
    ${departmentsById(`d.department_id, d.parent_id, d.name, d."order", d.removed_at IS NOT NULL AS is_removed`)}
    UNION
    SELECT p.department_id, p.parent_id, p.name, p."order", false
    FROM ${withParentOf("found")}
  )
  SELECT department_id::text AS id, parent_id::text AS "parentId", name, is_removed AS "isRemoved"
  FROM found ${order}`;

async function readNodes({ client, scope }: Place, ids: readonly string[], order: string) {
  if (ids.length === 0) return [];
  return (await client.query<FoundNode>(withAncestors(order), [...scope, ids])).rows;
}

type MemberRow = Omit<FoundMember, "departments"> & { readonly departmentIds: readonly string[] };

const MEMBERS = `
  SELECT m.user_id AS id, m.name, m.title, m.job_number AS "jobNumber", m.is_active AS "isActive",
    m.removed_at IS NOT NULL AS "isRemoved", (
      SELECT coalesce(array_agg(p.department_id::text ORDER BY p.department_id), '{}') FROM (${placesOf("m.user_id")}) p)
      AS "departmentIds"
  FROM unnest($3::text[]) WITH ORDINALITY AS hit (id, number)
  CROSS JOIN LATERAL (
    SELECT * FROM member WHERE organization_id = $1 AND app_id = $2 ${inOrderAt("user_id", "hit.id")}) m
  ORDER BY hit.number`;

/** Each member with where they are, as paths to read. */
async function readMembers(place: Place, hits: readonly Candidate[]): Promise<FoundMember[]> {
  if (hits.length === 0) return [];
  const ids = hits.map(({ id }) => id);
  const { rows } = await place.client.query<MemberRow>(MEMBERS, [...place.scope, ids]);
  const shown = new Set(rows.flatMap(({ departmentIds }) => departmentIds.slice(0, PLACES_MAX)));
  const nodes = new Map((await readNodes(place, [...shown], "")).map((node) => [node.id, node]));
  return rows.map(({ departmentIds, ...member }) => ({
    ...member,
    departments: departmentIds.slice(0, PLACES_MAX).flatMap((id) => {
      const path = pathIn(nodes, id);
      return path.length > 0 ? [{ id, path }] : [];
    }),
    departmentCount: departmentIds.length,
  }));
}

/** The names from the root down; a tree that contradicts itself ends where it turns in a circle. */
function pathIn(nodes: ReadonlyMap<string, FoundNode>, id: string): string[] {
  const path: string[] = [];
  const passed = new Set<string>();
  for (let at = nodes.get(id); at && !passed.has(at.id); at = nodes.get(at.parentId ?? "")) {
    passed.add(at.id);
    path.unshift(at.name);
  }
  return path;
}

const countOf = ({ found, isMore }: Candidates) => ({
  total: Math.min(found.length, COUNTED_MAX),
  isMore: isMore || found.length > COUNTED_MAX,
});

/** The search itself, in a unit of work that is open. */
export async function searchIn(place: Place, text: string, asked: Asked): Promise<Found> {
  const search = parseSearch(text);
  const departments = search ? await findAll(place, "department", search, asked) : NOTHING;
  const members = search ? await findAll(place, "member", search, asked) : NOTHING;
  const hitIds = departments.found.slice(0, asked.limitEach).map(({ id }) => id);
  return {
    outcome: "found",
    nodes: await readNodes(place, hitIds, `ORDER BY ${siblingOrder(asked.locale)}`),
    hitIds,
    ...countOf(departments),
    members: {
      hits: await readMembers(place, members.found.slice(0, asked.limitEach)),
      ...countOf(members),
    },
  };
}

/**
 * Finds departments and members by name, pinyin, initials or id, or by a path (`华东/销售`), with the way to each. The id
 * itself comes first, then whole names, then what begins so, the shortest first; of more than five hundred that is the
 * order of the first five hundred.
 *
 * @throws {AppError} `not_found` for an app that isn't the organization's
 */
export async function searchDirectory(
  actor: Actor<"directory.read">,
  appId: string,
  text: string,
  options: SearchOptions,
): Promise<Result<Found, "too_slow">> {
  const { timeoutMs = SEARCH_MS, locale, includeRemoved = false, limitEach = HITS_MAX } = options;
  try {
    const found = await inDirectory(actor, appId, async (place) => {
      await place.client.query(`${INDEXES_ONLY}; SET LOCAL statement_timeout = ${Math.trunc(timeoutMs)}`);
      return searchIn(place, text, { locale, includeRemoved, limitEach });
    });
    return ok(found);
  } catch (error) {
    if (isCanceled(error)) return err("too_slow");
    throw error;
  }
}

/** A statement that was ended by its time limit; the unit of work says `unavailable`, and why. */
const isCanceled = (error: unknown): boolean =>
  error instanceof AppError && (error.cause as { code?: unknown } | undefined)?.code === QUERY_CANCELED;
