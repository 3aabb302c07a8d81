import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { inDirectory, type Place } from "./place";
import type { Child, ChildPage } from "./schema";
import { siblingOrder } from "./sibling-order";

export const CHILDREN_PER_PAGE = 200;

export type ChildrenOptions = {
  /** None: the roots. */
  readonly parent?: string | undefined;
  /** The page begins after this child; it may have been removed meanwhile. */
  readonly after?: string | undefined;
  /** A child that is wanted too, wherever it stands. */
  readonly include?: string | undefined;
  readonly limit?: number;
  /** Whose order of names counts where DingTalk gave none. */
  readonly locale: string;
};

/** A root is what has no parent that we know: the scope may begin below one, and children may outlive theirs. */
const IS_ROOT = `(d.parent_id IS NULL OR NOT EXISTS (
  SELECT FROM department p
  WHERE p.organization_id = $1 AND p.app_id = $2 AND p.department_id = d.parent_id AND p.removed_at IS NULL))`;

// Whether a row has children is asked of the page's rows only, one by one: asked of all siblings, the planner
// reads the whole directory instead.
const statement = (locale: string, among: string) => `
  WITH sibling AS MATERIALIZED (
    SELECT d.department_id, d.name, d.removed_at IS NULL AS is_live,
      count(*) FILTER (WHERE d.removed_at IS NULL)
        OVER (ORDER BY ${siblingOrder(locale)} ROWS UNBOUNDED PRECEDING) AS position
    FROM department d
    WHERE d.organization_id = $1 AND d.app_id = $2 AND ${among}
      AND (d.removed_at IS NULL OR d.department_id = $4::bigint)
  ), following AS MATERIALIZED (
    SELECT department_id, name, position FROM sibling
    WHERE is_live AND position > coalesce((SELECT position FROM sibling WHERE department_id = $4::bigint), 0)
    ORDER BY position LIMIT $6
  ), page AS MATERIALIZED (
    SELECT * FROM following
    UNION
    SELECT department_id, name, position FROM sibling WHERE is_live AND department_id = $5::bigint
  )
  SELECT page.department_id::text AS id, page.name, page.position::int AS position, counted.total,
    child.is_there IS NOT NULL AS "hasChildren"
  FROM (SELECT count(*) FILTER (WHERE is_live)::int AS total FROM sibling) counted
  LEFT JOIN page ON true
  LEFT JOIN LATERAL (
    SELECT true AS is_there FROM department k
    WHERE k.organization_id = $1 AND k.app_id = $2 AND k.parent_id = page.department_id AND k.removed_at IS NULL
    LIMIT 1) child ON true
  ORDER BY page.position`;

type Row = { id: string | null; name: string; position: number; hasChildren: boolean; total: number };

/** `listChildren` inside a unit of work that is open already. */
export async function readChildren(
  { client, scope }: Place,
  { parent, after, include, limit = CHILDREN_PER_PAGE, locale }: ChildrenOptions,
): Promise<ChildPage> {
  const among = parent === undefined ? `${IS_ROOT} AND $3::bigint IS NULL` : "d.parent_id = $3::bigint";
  const { rows } = await client.query<Row>(statement(locale, among), [
    ...scope,
    parent ?? null,
    after ?? null,
    include ?? null,
    limit,
  ]);
  const items = rows.flatMap(({ id, name, position, hasChildren }): Child[] =>
    id === null ? [] : [{ id, name, position, hasChildren }],
  );
  return { items, total: rows[0]?.total ?? 0 };
}

/**
 * A page of a department's children, or of the roots. Removed departments are not among them; a department
 * that isn't there has none.
 *
 * @throws {AppError} `not_found` for an app that isn't the organization's
 */
export function listChildren(
  actor: Actor<"directory.read">,
  appId: string,
  options: ChildrenOptions,
): Promise<ChildPage> {
  return inDirectory(actor, appId, (place) => readChildren(place, options));
}
