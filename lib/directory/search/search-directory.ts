import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { isStatementCanceled } from "@/lib/db/errors";
import { withinTime } from "@/lib/db/time-budget";
import { err, ok, type Result } from "@/lib/result";
import { type DirectoryReader, inDirectory } from "../reader/directory-reader";
import { GOING_UP, INDEXES_ONLY } from "../reader/parent-of";
import { siblingOrder } from "../reader/sibling-order";
import { findHits, HITS_MAX, type Hit, type Hits, NO_HITS } from "./find-hits";
import type { Kind } from "./index-names";
import { findBelow } from "./keep-below";
import { parseSearch, type Search } from "./parse-search";
import type { Found, FoundMember, FoundNode } from "./schema";

/** A search ends after this time with a sentence, whatever was typed (S26). */
const SEARCH_MS = 2_000;

export type SearchOptions = {
  readonly locale: string;
  readonly includeRemoved?: boolean;
  /** Hits of departments and hits of members, each. */
  readonly limitEach?: number;
  /** For all statements together, in milliseconds. */
  readonly timeoutMs?: number;
};

type Asked = Required<Omit<SearchOptions, "timeoutMs">>;

/** What is found by all that was typed, then what is found by it as a path. */
async function findAll(
  reader: DirectoryReader,
  kind: Kind,
  search: Search,
  { includeRemoved }: Asked,
): Promise<Hits> {
  const whole = await findHits(reader, kind, search.whole, { includeRemoved });
  if (!search.path || (!search.isPath && whole.found.length > 0)) return whole;
  const below = await findBelow(reader, kind, search.path, includeRemoved);
  const known = new Set(whole.found.map(({ id }) => id));
  const found = [...whole.found, ...below.found.filter(({ id }) => !known.has(id))];
  return {
    found: found.slice(0, HITS_MAX),
    isMore: whole.isMore || below.isMore || found.length > HITS_MAX,
  };
}

const nodesSql = (order: string): string => `${GOING_UP}
  SELECT department_id::text AS id, parent_id::text AS "parentId", name, removed_at IS NOT NULL AS "isRemoved" FROM (
    SELECT * FROM department WHERE organization_id = $1 AND app_id = $2
      AND department_id = ANY (ARRAY(SELECT unnest(ids) FROM up)) ORDER BY department_id) d
  ORDER BY ${order}`;

/** Departments and all that is above them. */
async function readNodes({ client, scope }: DirectoryReader, ids: readonly string[], order: string) {
  if (ids.length === 0) return [];
  return (await client.query<FoundNode>(nodesSql(order), [...scope, [...new Set(ids)]])).rows;
}

/** One department of each says enough, and the panel has all. */
const PLACES = `
  SELECT user_id AS id, min(department_id)::text AS "departmentId", count(*)::int AS n FROM member_place
  WHERE organization_id = $1 AND app_id = $2 AND user_id = ANY ($3::text[]) GROUP BY user_id ORDER BY user_id`;

type PlaceRow = { readonly id: string; readonly departmentId: string; readonly n: number };

async function readPlaces({ client, scope }: DirectoryReader, members: readonly Hit[]) {
  if (members.length === 0) return new Map<string, PlaceRow>();
  const ids = members.map(({ id }) => id);
  const { rows } = await client.query<PlaceRow>(PLACES, [...scope, ids]);
  return new Map(rows.map((row) => [row.id, row]));
}

type Nodes = ReadonlyMap<string, FoundNode>;

/** A department and what is above it, from the root down; a tree that contradicts itself ends where it turns in a circle. */
function wayTo(nodes: Nodes, id: string): FoundNode[] {
  const way = new Set<FoundNode>();
  for (let at = nodes.get(id); at && !way.has(at); at = nodes.get(at.parentId ?? "")) way.add(at);
  return [...way].reverse();
}

/** A member with where they are, as a path to read. */
function toMember(hit: Hit, at: PlaceRow | undefined, nodes: Nodes): FoundMember {
  const { id, name, title = null, jobNumber = null, isActive = null, isRemoved } = hit;
  const path = at ? wayTo(nodes, at.departmentId).map(({ name }) => name) : [];
  const departments = at && path.length > 0 ? [{ id: at.departmentId, path }] : [];
  return { id, name, title, jobNumber, isActive, isRemoved, departments, departmentCount: at?.n ?? 0 };
}

const countOf = ({ found, isMore }: Hits) => ({ total: found.length, isMore });

/** The search itself, in a unit of work that is open. */
export async function searchIn(reader: DirectoryReader, text: string, asked: Asked): Promise<Found> {
  const search = parseSearch(text);
  const departments = search ? await findAll(reader, "department", search, asked) : NO_HITS;
  const members = search ? await findAll(reader, "member", search, asked) : NO_HITS;
  const hitIds = departments.found.slice(0, asked.limitEach).map(({ id }) => id);
  const shown = members.found.slice(0, asked.limitEach);
  const places = await readPlaces(reader, shown);
  // Those that members are in too: what is above is much the same
  const placeIds = Array.from(places.values(), ({ departmentId }) => departmentId);
  const order = hitIds.length > 0 ? siblingOrder(asked.locale) : "department_id";
  const all = await readNodes(reader, [...hitIds, ...placeIds], order);
  const nodes = new Map(all.map((node) => [node.id, node]));
  const onTheWay = new Set(hitIds.flatMap((id) => wayTo(nodes, id)));
  return {
    outcome: "found",
    nodes: all.filter((node) => onTheWay.has(node)),
    hitIds,
    ...countOf(departments),
    members: { hits: shown.map((hit) => toMember(hit, places.get(hit.id), nodes)), ...countOf(members) },
  };
}

/**
 * Finds departments and members by name, pinyin, initials or id, or by a path (`华东/销售`), with the way to each. The id
 * itself comes first, then whole names, then what begins so, the shortest first; of more than two hundred that is the
 * order of those whose terms are the best two hundred.
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
    const found = await inDirectory(actor, appId, async (reader) => {
      await reader.client.query(INDEXES_ONLY);
      const client = withinTime(reader.client, timeoutMs);
      return searchIn({ ...reader, client }, text, { locale, includeRemoved, limitEach });
    });
    return ok(found);
  } catch (error) {
    if (isStatementCanceled(error)) return err("too_slow");
    throw error;
  }
}
