import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { isStatementCanceled } from "@/lib/db/errors";
import { withTimeBudget } from "@/lib/db/time-limits";
import { err, ok, type Result } from "@/lib/result";
import { HITS_MAX } from "../page-sizes";
import { type DirectoryReader, inDirectory } from "../reader/directory-reader";
import { ANCESTORS } from "../reader/paths";
import { PREFER_INDEX_ORDER } from "../reader/row-sql";
import { siblingOrder } from "../reader/sibling-order";
import { findHits, type Hit, type Hits, NO_HITS } from "./find-hits";
import { findInPath } from "./find-in-path";
import type { Kind } from "./index-names";
import { type ParsedSearch, parseSearch } from "./parse-search";
import type { Found, FoundMember, FoundNode } from "./schema";

/** Time limit of a search, in milliseconds, whatever its text (S26). */
const SEARCH_MS = 2_000;

export type SearchOptions = {
  readonly locale: string;
  readonly includeRemoved?: boolean;
  readonly limitEach?: number;
  readonly timeoutMs?: number;
};

type ResolvedOptions = Required<Omit<SearchOptions, "timeoutMs">>;

async function findAll(
  reader: DirectoryReader,
  kind: Kind,
  search: ParsedSearch,
  { includeRemoved }: ResolvedOptions,
): Promise<Hits> {
  const whole = await findHits(reader, kind, search.whole, { includeRemoved });
  if (!search.path || (!search.isPath && whole.found.length > 0)) return whole;
  const below = await findInPath(reader, kind, search.path, includeRemoved);
  const known = new Set(whole.found.map(({ id }) => id));
  const found = [...whole.found, ...below.found.filter(({ id }) => !known.has(id))];
  return {
    found: found.slice(0, HITS_MAX),
    isMore: whole.isMore || below.isMore || found.length > HITS_MAX,
  };
}

const nodesSql = (order: string): string => `${ANCESTORS}
  SELECT department_id::text AS id, parent_id::text AS "parentId", name, removed_at IS NOT NULL AS "isRemoved" FROM (
    SELECT * FROM department WHERE organization_id = $1 AND app_id = $2
      AND department_id = ANY (ARRAY(SELECT unnest(ids) FROM ancestors)) ORDER BY department_id) d
  ORDER BY ${order}`;

async function readNodes({ client, scope }: DirectoryReader, ids: readonly string[], order: string) {
  if (ids.length === 0) return [];
  return (await client.query<FoundNode>(nodesSql(order), [...scope, [...new Set(ids)]])).rows;
}

/** Reads one department per member, and how many there are; the detail panel shows them all. */
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

/** Returns a department's path from the root. A cycle of parents ends it. */
function pathOf(nodes: Nodes, id: string): FoundNode[] {
  const path = new Set<FoundNode>();
  for (let at = nodes.get(id); at && !path.has(at); at = nodes.get(at.parentId ?? "")) path.add(at);
  return [...path].reverse();
}

function toMember(hit: Hit, at: PlaceRow | undefined, nodes: Nodes): FoundMember {
  const { id, name, title = null, jobNumber = null, isActive = null, isRemoved } = hit;
  const path = at ? pathOf(nodes, at.departmentId).map(({ name }) => name) : [];
  const departments = at && path.length > 0 ? [{ id: at.departmentId, path }] : [];
  return { id, name, title, jobNumber, isActive, isRemoved, departments, departmentCount: at?.n ?? 0 };
}

const countOf = ({ found, isMore }: Hits) => ({ total: found.length, isMore });

export async function searchIn(
  reader: DirectoryReader,
  text: string,
  options: ResolvedOptions,
): Promise<Found> {
  const search = parseSearch(text);
  const departments = search ? await findAll(reader, "department", search, options) : NO_HITS;
  const members = search ? await findAll(reader, "member", search, options) : NO_HITS;
  const hitIds = departments.found.slice(0, options.limitEach).map(({ id }) => id);
  const shown = members.found.slice(0, options.limitEach);
  const places = await readPlaces(reader, shown);
  // The departments of members are read along, because most of their ancestors are the same
  const placeIds = Array.from(places.values(), ({ departmentId }) => departmentId);
  const order = hitIds.length > 0 ? siblingOrder(options.locale) : "department_id";
  const all = await readNodes(reader, [...hitIds, ...placeIds], order);
  const nodes = new Map(all.map((node) => [node.id, node]));
  const onPath = new Set(hitIds.flatMap((id) => pathOf(nodes, id)));
  return {
    outcome: "found",
    nodes: all.filter((node) => onPath.has(node)),
    hitIds,
    ...countOf(departments),
    members: { hits: shown.map((hit) => toMember(hit, places.get(hit.id), nodes)), ...countOf(members) },
  };
}

/**
 * Finds departments and members by name, pinyin, initials, id or path (`华东/销售`): an exact id first, then whole names,
 * then prefixes. With more than 200 hits, only the 200 with the best terms are ordered.
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
      await reader.client.query(PREFER_INDEX_ORDER);
      const client = withTimeBudget(reader.client, timeoutMs);
      return searchIn({ ...reader, client }, text, { locale, includeRemoved, limitEach });
    });
    return ok(found);
  } catch (error) {
    if (isStatementCanceled(error)) return err("too_slow");
    throw error;
  }
}
