import "server-only";
import type { ClientBase } from "pg";
import { inOrganizationSql, LIMITS } from "@/lib/db/unit-of-work";
import { expectMany } from "../../bulk-rows";
import type { WalkRef } from "../read/database-checkpoint";
import type { Missing } from "../read/look-up-missing";

/**
 * The members that are held and that a walk has met nowhere, but for those who were only in departments that are out of
 * scope or left out: of them nothing else was to be expected.
 */
export async function findMissingMembers(
  walk: WalkRef,
  { outOfScope, excluded }: Missing,
): Promise<string[]> {
  const { rows } = await inOrganizationSql(
    walk,
    async (client) => {
      await expectMany(client);
      return client.query<{ id: string }>(
        `SELECT m.user_id AS id FROM member m
         WHERE m.organization_id = $1 AND m.app_id = $2 AND m.removed_at IS NULL
           AND NOT EXISTS (SELECT FROM walk_member w
             WHERE w.organization_id = $1 AND w.walk_id = $3 AND w.user_id = m.user_id)
           AND (EXISTS (SELECT FROM member_place p WHERE p.organization_id = $1 AND p.app_id = $2
               AND p.user_id = m.user_id AND NOT (p.department_id = ANY($4::bigint[])))
             OR NOT EXISTS (SELECT FROM member_place p
               WHERE p.organization_id = $1 AND p.app_id = $2 AND p.user_id = m.user_id))`,
        [walk.organizationId, walk.appId, walk.walkId, [...outOfScope, ...excluded]],
      );
    },
    LIMITS.bulk,
  );
  return rows.map(({ id }) => id);
}

/**
 * People whom two lists place differently: they were moved while the lists were read. A list that tells nobody's
 * departments says nothing against another one.
 */
export async function findDoubtfulMembers(walk: WalkRef): Promise<string[]> {
  const { rows } = await inOrganizationSql(
    walk,
    async (client) => {
      await expectMany(client);
      return client.query<{ id: string }>(
        // Apart, for it has to be a nested loop: the join with the pages was put within it, all of them for each row
        `WITH told AS MATERIALIZED (
           SELECT w.user_id, told.department_id FROM walk_member w
           CROSS JOIN LATERAL unnest(w.department_ids) AS told (department_id)
           WHERE w.organization_id = $1 AND w.walk_id = $2 AND w.department_id > 0)
         SELECT user_id AS id FROM walk_member
         WHERE organization_id = $1 AND walk_id = $2 AND department_id > 0 AND cardinality(department_ids) > 0
         GROUP BY user_id
         HAVING count(DISTINCT department_ids) > 1 OR bool_or(NOT department_id = ANY(department_ids))
         UNION
         SELECT told.user_id FROM told JOIN walk_pages pages ON pages.organization_id = $1 AND pages.walk_id = $2
           AND pages.department_id = told.department_id
         WHERE NOT EXISTS (
           SELECT FROM walk_member o WHERE o.organization_id = $1 AND o.walk_id = $2
             AND o.department_id = told.department_id AND o.user_id = told.user_id)`,
        [walk.organizationId, walk.walkId],
      );
    },
    LIMITS.bulk,
  );
  return rows.map(({ id }) => id);
}

/**
 * Leaves of the places that a walk has put only those in departments that it saw; whoever has none of these stays, and
 * is nowhere.
 */
export async function keepSeenPlaces(
  client: ClientBase,
  { organizationId, walkId }: WalkRef,
  seen: { has(departmentId: string): boolean },
): Promise<void> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT DISTINCT department_id::text AS id FROM walk_member
     WHERE organization_id = $1 AND walk_id = $2 AND department_id > 0`,
    [organizationId, walkId],
  );
  const unseen = rows.map(({ id }) => id).filter((id) => !seen.has(id));
  if (unseen.length === 0) return;
  await expectMany(client);
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
    [organizationId, walkId, unseen],
  );
  await client.query(
    `DELETE FROM walk_member WHERE organization_id = $1 AND walk_id = $2 AND department_id = ANY($3::bigint[])`,
    [organizationId, walkId, unseen],
  );
}
