import "server-only";
import type { ClientBase } from "pg";
import type { RunRef } from "@/lib/app-ref";
import { NOTHING_CONFLICTS } from "@/lib/db/nothing-conflicts";
import { expectMany } from "../../bulk-rows";
import type { RemovalReason } from "../../changes/states";
import type { PlanCounts } from "./diff-departments";

/** Who of those that are held and were not met is to be marked removed, and why. */
export type MemberRemovals = {
  /** By userid: what was found out of somebody. */
  readonly reasons: ReadonlyMap<string, RemovalReason>;
  /** Departments that are left out: who was only there is left out, too. All others were where the app may not look. */
  readonly excluded: Iterable<string>;
};

/** What a plan has of members, and how many people were met. */
export type MemberCounts = PlanCounts & { readonly seen: number };

/** What is kept of a member by a change, out of columns of `row` and of its places. As `MemberState`. */
const stateOf = (
  row: string,
  places: string,
) => `jsonb_build_object('name', ${row}.name, 'unionId', ${row}.union_id,
  'title', ${row}.title, 'jobNumber', ${row}.job_number, 'isActive', ${row}.is_active, 'isAdmin', ${row}.is_admin,
  'isBoss', ${row}.is_boss, 'isExclusive', ${row}.is_exclusive, 'hidesMobile', ${row}.hides_mobile,
  'otherFields', to_jsonb(${row}.other_fields), 'personalId', ${row}.personal_id,
  'places', coalesce(${places}, '[]'::jsonb))`;

const PLACES = `jsonb_agg(jsonb_build_object('departmentId', department_id::text, 'title', title,
  'isLeader', is_leader, 'order', "order"::text) ORDER BY department_id)`;

/**
 * Both sides as JSON, side by side. Whoever is listed in several departments is one person: what the departments say of
 * the person themselves is taken from the first of them. Where a department's members were not read to the end, those
 * who were there stay there, unless it is gone itself.
 */
const COMPARED = `
  WITH unread_place AS MATERIALIZED (
    SELECT p.user_id, p.department_id, p.title, p.is_leader, p."order" FROM member_place p
    JOIN department d ON d.organization_id = $1 AND d.app_id = $2 AND d.department_id = p.department_id
      AND d.removed_at IS NULL
    WHERE p.organization_id = $1 AND p.app_id = $2 AND NOT (p.department_id = ANY($6::bigint[]))
      AND NOT EXISTS (SELECT FROM walk_pages g WHERE g.organization_id = $1 AND g.walk_id = $4
        AND g.department_id = p.department_id AND g.next_cursor IS NULL)
      AND NOT EXISTS (SELECT FROM walk_member w WHERE w.organization_id = $1 AND w.walk_id = $4
        AND w.department_id = p.department_id AND w.user_id = p.user_id)
  ), read AS MATERIALIZED (
    SELECT DISTINCT ON (user_id) * FROM walk_member
    WHERE organization_id = $1 AND walk_id = $4 ORDER BY user_id, department_id
  ), read_place AS MATERIALIZED (
    SELECT user_id, ${PLACES} AS places, array_agg(department_id ORDER BY department_id) AS departments
    FROM (
      SELECT user_id, department_id, title, is_leader, "order" FROM walk_member
      WHERE organization_id = $1 AND walk_id = $4 AND department_id > 0
      UNION ALL
      SELECT * FROM unread_place
    ) place GROUP BY user_id
  ), held_place AS MATERIALIZED (
    SELECT user_id, ${PLACES} AS places, array_agg(department_id ORDER BY department_id) AS departments
    FROM member_place WHERE organization_id = $1 AND app_id = $2 GROUP BY user_id
  ), compared AS (
    SELECT read.user_id, ${stateOf("read", "read_place.places")} AS after,
      CASE WHEN held.removed_at IS NULL AND held.user_id IS NOT NULL
        THEN ${stateOf("held", "held_place.places")} END AS before,
      held.since_revision AS base, held.user_id IS NULL AS is_new, held.removed_at IS NOT NULL AS was_removed,
      coalesce(held_place.departments, '{}') <> coalesce(read_place.departments, '{}') AS is_moved,
      held.name IS DISTINCT FROM read.name AS is_renamed
    FROM read
    LEFT JOIN read_place ON read_place.user_id = read.user_id
    LEFT JOIN member held ON held.organization_id = $1 AND held.app_id = $2 AND held.user_id = read.user_id
    LEFT JOIN held_place ON held_place.user_id = read.user_id
  )`;

const PLAN = `${COMPARED}
  INSERT INTO directory_change (organization_id, app_id, set_id, number, object, object_id, kind, before, after, base_revision)
  SELECT $1, $2, $3, $5 + row_number() OVER (ORDER BY user_id), 'member', user_id,
    CASE WHEN is_new THEN 'added' WHEN was_removed THEN 'returned' WHEN is_moved THEN 'moved'
      WHEN is_renamed THEN 'renamed' ELSE 'changed' END, before, after, base
  FROM compared WHERE before IS DISTINCT FROM after ${NOTHING_CONFLICTS}`;

/** Whoever was met somewhere is not among them, whatever was found out before. */
const PLAN_REMOVALS = `
  WITH held_place AS MATERIALIZED (
    SELECT p.user_id, ${PLACES} AS places, bool_and(p.department_id = ANY($8::bigint[])) AS is_excluded FROM member_place p
    WHERE p.organization_id = $1 AND p.app_id = $2 GROUP BY p.user_id
  )
  INSERT INTO directory_change (organization_id, app_id, set_id, number, object, object_id, kind, reason, before,
    base_revision, outcome)
  SELECT $1, $2, $3, $4 + row_number() OVER (ORDER BY held.user_id), 'member', held.user_id, 'removed',
    coalesce(found.reason, CASE WHEN held_place.is_excluded THEN 'excluded' ELSE 'out_of_scope' END),
    ${stateOf("held", "held_place.places")}, held.since_revision, CASE WHEN held.kept_at IS NOT NULL THEN 'kept' END
  FROM member held
  LEFT JOIN held_place ON held_place.user_id = held.user_id
  LEFT JOIN unnest($6::text[], $7::text[]) AS found (user_id, reason) ON found.user_id = held.user_id
  WHERE held.organization_id = $1 AND held.app_id = $2 AND held.removed_at IS NULL AND NOT EXISTS (
    SELECT FROM walk_member w WHERE w.organization_id = $1 AND w.walk_id = $5 AND w.user_id = held.user_id)
  ${NOTHING_CONFLICTS}`;

const COUNTS = `
  SELECT kind, count(*)::int AS n FROM directory_change
  WHERE organization_id = $1 AND set_id = $2 AND object = 'member' AND outcome IS NULL GROUP BY kind`;

const SEEN = `SELECT count(DISTINCT user_id)::int AS n FROM walk_member WHERE organization_id = $1 AND walk_id = $2`;

/**
 * Compares the members that a walk has read with those that are held, and stores what differs behind the changes of
 * departments. All of it happens in the database: half a million people never are in this process.
 *
 * @param stored how many changes the plan has so far
 */
export async function storeMemberPlan(
  client: ClientBase,
  run: RunRef,
  {
    walkId,
    stored,
    gone,
    removals,
  }: {
    readonly walkId: string;
    readonly stored: number;
    /** Departments that are not there any more, or are left out: nobody is in them. */
    readonly gone: readonly string[];
    /** `null`: nobody is removed. */
    readonly removals: MemberRemovals | null;
  },
): Promise<MemberCounts> {
  const { organizationId, appId, runId } = run;
  await expectMany(client);
  const { rowCount } = await client.query(PLAN, [organizationId, appId, runId, walkId, stored, gone]);
  if (removals !== null) {
    const { reasons, excluded } = removals;
    await client.query(PLAN_REMOVALS, [
      organizationId,
      appId,
      runId,
      stored + (rowCount ?? 0),
      walkId,
      [...reasons.keys()],
      [...reasons.values()],
      [...excluded],
    ]);
  }
  const counted = await client.query<{ kind: string; n: number }>(COUNTS, [organizationId, runId]);
  const seen = await client.query<{ n: number }>(SEEN, [organizationId, walkId]);
  const count = (...kinds: string[]) =>
    counted.rows.filter(({ kind }) => kinds.includes(kind)).reduce((sum, { n }) => sum + n, 0);
  return {
    added: count("added", "returned"),
    changed: count("changed", "renamed"),
    moved: count("moved"),
    removed: count("removed"),
    unchanged: (seen.rows[0]?.n ?? 0) - (rowCount ?? 0),
    seen: seen.rows[0]?.n ?? 0,
  };
}
