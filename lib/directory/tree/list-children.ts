import "server-only";
import type { Actor } from "@/lib/auth/actor";
import type { DirectoryReader } from "../reader/directory-reader";
import { inDirectoryAt } from "../reader/directory-reader";
import { departmentRows, siblingOrder } from "../reader/row-sql";
import type { Child, ChildPage } from "./schema";

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
const isRoot = (at: number | undefined) => `(d.parent_id IS NULL OR NOT EXISTS (
  SELECT FROM ${departmentRows(at)} p WHERE p.department_id = d.parent_id AND p.is_present))`;

/** How many people are in each, and below it. It is counted for the present only. */
const PEOPLE = `(SELECT total FROM department_count c
  WHERE c.organization_id = $1 AND c.app_id = $2 AND c.department_id = page.department_id)`;

// Whether a row has children is asked of the page's rows only, one by one: asked of all siblings, the planner
// reads the whole directory instead.
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

/** `listChildren` inside a unit of work that is open already. */
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
 * A page of a department's children, or of the roots. Removed departments are not among them; a department
 * that isn't there has none.
 *
 * @param at the run after which they stood there; none: those that stand there
 * @throws {AppError} `not_found` for an app that isn't the organization's, and for a run that can't be seen again
 */
export function listChildren(
  actor: Actor<"directory.read">,
  appId: string,
  { at, ...options }: ChildrenOptions & { readonly at?: string | undefined },
): Promise<ChildPage> {
  return inDirectoryAt(actor, appId, at, (reader) => readChildren(reader, options));
}
