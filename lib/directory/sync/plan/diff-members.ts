import "server-only";
import type { ClientBase } from "pg";
import { NOTHING_CONFLICTS } from "@/lib/db/nothing-conflicts";
import { expectManyRows } from "../../bulk-rows";
import type { RemovalReason } from "../../changes/change-kinds";
import type { WalkRef } from "../../runs/checkpoint-lifetime";
import type { MemberCounts } from "../../runs/run-counts";
import type { BegunRun } from "../../runs/run-records";

export type MemberRemovals = {
  /** By userid, for members that were looked up. */
  readonly reasons: ReadonlyMap<string, RemovalReason>;
  /** Excluded departments. A member who was only in these is `excluded`, any other one is `out_of_scope`. */
  readonly excluded: Iterable<string>;
};

/** SQL of a member's state as a change contains it. */
export const stateOf = (
  row: string,
  places: string,
) => `jsonb_build_object('name', ${row}.name, 'unionId', ${row}.union_id,
  'title', ${row}.title, 'jobNumber', ${row}.job_number, 'isActive', ${row}.is_active, 'isAdmin', ${row}.is_admin,
  'isBoss', ${row}.is_boss, 'isExclusive', ${row}.is_exclusive, 'hidesMobile', ${row}.hides_mobile,
  'otherFields', to_jsonb(${row}.other_fields), 'personalId', ${row}.personal_id,
  'places', coalesce(${places}, '[]'::jsonb))`;

export const PLACES = `jsonb_agg(jsonb_build_object('departmentId', department_id::text, 'title', title,
  'isLeader', is_leader, 'order', "order"::text) ORDER BY department_id)`;

/** `compared`: both sides of each member in `read`, as JSON, from `read_place`, `stored_place` and the stored rows. */
export const COMPARED_ROWS = `compared AS (
    SELECT read.user_id, ${stateOf("read", "read_place.places")} AS after,
      CASE WHEN stored.removed_at IS NULL AND stored.user_id IS NOT NULL
        THEN ${stateOf("stored", "stored_place.places")} END AS before,
      stored.since_revision AS base, stored.user_id IS NULL AS is_new, stored.removed_at IS NOT NULL AS was_removed,
      coalesce(stored_place.departments, '{}') <> coalesce(read_place.departments, '{}') AS is_moved,
      stored.name IS DISTINCT FROM read.name AS is_renamed, read_place.places IS NULL AS is_nowhere
    FROM read
    LEFT JOIN read_place ON read_place.user_id = read.user_id
    LEFT JOIN member stored ON stored.organization_id = $1 AND stored.app_id = $2 AND stored.user_id = read.user_id
    LEFT JOIN stored_place ON stored_place.user_id = read.user_id
  )`;

/** The kind of change of a row of `compared`. */
export const CHANGE_KIND = `CASE WHEN is_new THEN 'added' WHEN was_removed THEN 'returned' WHEN is_moved THEN 'moved'
  WHEN is_renamed THEN 'renamed' ELSE 'changed' END`;

/**
 * Compares everyone. In a department whose members were not read to the end, stored members stay, unless the
 * department itself is removed ($6).
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
  ), stored_place AS MATERIALIZED (
    SELECT user_id, ${PLACES} AS places, array_agg(department_id ORDER BY department_id) AS departments
    FROM member_place WHERE organization_id = $1 AND app_id = $2 GROUP BY user_id
  ), ${COMPARED_ROWS}`;

const PLAN = `${COMPARED}
  INSERT INTO directory_change (organization_id, app_id, set_id, number, object, object_id, kind, before, after, base_revision)
  SELECT $1, $2, $3, $5 + row_number() OVER (ORDER BY user_id), 'member', user_id,
    ${CHANGE_KIND}, before, after, base
  FROM compared WHERE before IS DISTINCT FROM after AND NOT (user_id = ANY($7::text[])) ${NOTHING_CONFLICTS}`;

/** Never removes a member that was read in any department, even if a lookup said otherwise before. */
const PLAN_REMOVALS = `
  WITH stored_place AS MATERIALIZED (
    SELECT p.user_id, ${PLACES} AS places, bool_and(p.department_id = ANY($8::bigint[])) AS is_excluded FROM member_place p
    WHERE p.organization_id = $1 AND p.app_id = $2 GROUP BY p.user_id
  )
  INSERT INTO directory_change (organization_id, app_id, set_id, number, object, object_id, kind, reason, before,
    base_revision, outcome)
  SELECT $1, $2, $3, $4 + row_number() OVER (ORDER BY stored.user_id), 'member', stored.user_id, 'removed',
    coalesce(found.reason, CASE WHEN stored_place.is_excluded THEN 'excluded' ELSE 'out_of_scope' END),
    ${stateOf("stored", "stored_place.places")}, stored.since_revision, CASE WHEN stored.kept_at IS NOT NULL THEN 'kept' END
  FROM member stored
  LEFT JOIN stored_place ON stored_place.user_id = stored.user_id
  LEFT JOIN unnest($6::text[], $7::text[]) AS found (user_id, reason) ON found.user_id = stored.user_id
  WHERE stored.organization_id = $1 AND stored.app_id = $2 AND stored.removed_at IS NULL
    AND NOT (stored.user_id = ANY($9::text[])) AND NOT EXISTS (
    SELECT FROM walk_member w WHERE w.organization_id = $1 AND w.walk_id = $5 AND w.user_id = stored.user_id)
  ${NOTHING_CONFLICTS}`;

const COUNTS = `
  SELECT kind, count(*)::int AS n FROM directory_change
  WHERE organization_id = $1 AND set_id = $2 AND object = 'member' AND outcome IS NULL GROUP BY kind`;

const SEEN = `SELECT count(DISTINCT user_id)::int AS n FROM walk_member WHERE organization_id = $1 AND walk_id = $2`;

type MemberDiffInput = {
  readonly changesStored: number;
  readonly departmentsRead: { has(departmentId: string): boolean };
  /** Departments that are gone or excluded, and so have no members. */
  readonly departmentsRemoved: readonly string[];
  /** `null`: no member is removed. */
  readonly removals: MemberRemovals | null;
  /** Members who must not change, because their stored state is newer than the read. */
  readonly newer: ReadonlySet<string>;
};

/**
 * Stores the differences between read and stored members in the plan, in SQL: half a million would not fit into
 * memory.
 */
export async function storeMemberDiff(
  client: ClientBase,
  run: BegunRun,
  { changesStored: stored, departmentsRead, departmentsRemoved, removals, newer }: MemberDiffInput,
): Promise<MemberCounts> {
  const { organizationId, appId, runId, walkId } = run;
  await dropUnreadPlaces(client, run, departmentsRead);
  await expectManyRows(client);
  const { rowCount } = await client.query(PLAN, [
    organizationId,
    appId,
    runId,
    walkId,
    stored,
    departmentsRemoved,
    [...newer],
  ]);
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
      [...newer],
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

/**
 * Deletes rows of members in departments that were not read. A member without other rows gets one without a
 * department.
 */
async function dropUnreadPlaces(
  client: ClientBase,
  { organizationId, walkId }: WalkRef,
  departmentsRead: { has(departmentId: string): boolean },
): Promise<void> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT DISTINCT department_id::text AS id FROM walk_member
     WHERE organization_id = $1 AND walk_id = $2 AND department_id > 0`,
    [organizationId, walkId],
  );
  const unread = rows.map(({ id }) => id).filter((id) => !departmentsRead.has(id));
  if (unread.length === 0) return;
  await expectManyRows(client);
  const columns = `user_id, app_id, union_id, name, title, job_number, is_active, is_admin, is_boss, is_exclusive,
    hides_mobile, other_fields, personal_id, department_ids`;
  await client.query(
    `INSERT INTO walk_member (organization_id, walk_id, department_id, ${columns})
     SELECT DISTINCT ON (user_id) $1::uuid, $2::uuid, 0, ${columns} FROM walk_member w
     WHERE w.organization_id = $1 AND w.walk_id = $2 AND w.department_id = ANY($3::bigint[])
       AND NOT EXISTS (SELECT FROM walk_member o WHERE o.organization_id = $1 AND o.walk_id = $2
         AND o.user_id = w.user_id AND NOT (o.department_id = ANY($3::bigint[])))
     ORDER BY user_id, department_id
     ON CONFLICT (organization_id, walk_id, department_id, user_id) DO NOTHING`,
    [organizationId, walkId, unread],
  );
  await client.query(
    `DELETE FROM walk_member WHERE organization_id = $1 AND walk_id = $2 AND department_id = ANY($3::bigint[])`,
    [organizationId, walkId, unread],
  );
}
