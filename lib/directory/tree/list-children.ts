import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { CHILDREN_PER_PAGE } from "../page-sizes";
import type { DirectoryReader } from "../reader/directory-reader";
import { inDirectoryAt } from "../reader/readable-runs";
import { departmentRows } from "../reader/row-sql";
import { siblingOrder } from "../reader/sibling-order";
import { isRoot } from "./roots";
import type { Child, ChildPage } from "./schema";

export type ChildrenOptions = {
  /** The roots when absent. */
  readonly parent?: string | undefined;
  /** The page begins after this child, even if it was removed meanwhile. */
  readonly after?: string | undefined;
  /** A child to include, at any position. */
  readonly include?: string | undefined;
  readonly limit?: number;
  /** Decides the order of names where DingTalk sends no order. */
  readonly locale: string;
};

/** Member counts of the subtrees, which exist only for the present. */
const PEOPLE = `(SELECT total FROM department_count c
  WHERE c.organization_id = $1 AND c.app_id = $2 AND c.department_id = page.department_id)`;

// Checks for children only in the rows of the page, by lateral lookups. For all siblings at once, the planner reads the
// whole directory.
const statement = (at: number | undefined, locale: string, among: string) => `
  WITH sibling AS MATERIALIZED (
    SELECT d.department_id, d.name, d.is_present,
      count(*) FILTER (WHERE d.is_present) OVER (ORDER BY ${siblingOrder(locale)} ROWS UNBOUNDED PRECEDING) AS position
    FROM ${departmentRows(at)} d
    WHERE ${among} AND (d.is_present OR d.department_id = $4::bigint)
  ), following AS MATERIALIZED (
    SELECT department_id, name, position FROM sibling
    WHERE is_present AND position > coalesce((SELECT position FROM sibling WHERE department_id = $4::bigint), 0)
    ORDER BY position LIMIT $6
  ), page AS MATERIALIZED (
    SELECT * FROM following
    UNION
    SELECT department_id, name, position FROM sibling WHERE is_present AND department_id = $5::bigint
  )
  SELECT page.department_id::text AS id, page.name, page.position::int AS position, counted.total,
    child.is_present IS NOT NULL AS "hasChildren", ${at === undefined ? PEOPLE : "NULL::int"} AS people
  FROM (SELECT count(*) FILTER (WHERE is_present)::int AS total FROM sibling) counted
  LEFT JOIN page ON true
  LEFT JOIN LATERAL (
    SELECT true AS is_present FROM ${departmentRows(at)} k
    WHERE k.parent_id = page.department_id AND k.is_present LIMIT 1) child ON true
  ORDER BY page.position`;

type Row = Omit<Child, "id" | "people"> & { id: string | null; people: number | null; total: number };

export async function readChildren(
  { client, scope, at }: DirectoryReader,
  { parent, after, include, limit = CHILDREN_PER_PAGE, locale }: ChildrenOptions,
): Promise<ChildPage> {
  const among = parent === undefined ? `${isRoot(at)} AND $3::bigint IS NULL` : "d.parent_id = $3::bigint";
  const { rows } = await client.query<Row>(statement(at, locale, among), [
    ...scope,
    parent ?? null,
    after ?? null,
    include ?? null,
    limit,
  ]);
  const items = rows.flatMap(({ id, people, name, position, hasChildren }): Child[] =>
    id === null ? [] : [{ id, name, position, hasChildren, ...(people && { people }) }],
  );
  return { items, total: rows[0]?.total ?? 0 };
}

/**
 * Returns a page of a department's current children, or of the roots. Empty for an unknown department.
 * @param at the run after which to read the tree; the present when absent
 */
export function listChildren(
  actor: Actor<"directory.read">,
  appId: string,
  { at, ...options }: ChildrenOptions & { readonly at?: string | undefined },
): Promise<ChildPage> {
  return inDirectoryAt(actor, appId, at, (reader) => readChildren(reader, options));
}
