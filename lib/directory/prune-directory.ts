import "server-only";
import type { ClientBase } from "pg";
import { inOrganization, inOrganizationSql, LIMITS } from "@/lib/db/unit-of-work";
import type { AppRef } from "./refs";
import { unindexNames } from "./search/index-names";
import { readSettings } from "./settings/directory-settings";

/**
 * Lets go of what was kept for a time only: erases members that were removed long ago, and takes away the past that
 * nobody can see any more, and personal values that nothing refers to.
 */
export async function pruneDirectories(organizationId: string): Promise<void> {
  const apps = await inOrganization({ organizationId }, (tx) =>
    tx.dingtalkApp.findMany({ where: { organizationId }, select: { id: true } }),
  );
  for (const { id: appId } of apps) {
    const app = { organizationId, appId };
    await inOrganizationSql(
      app,
      async (client) => {
        const { removedDays, historyDays } = await readSettings(client, app);
        await eraseMembers(client, app, removedDays);
        await prunePast(client, app, historyDays);
      },
      LIMITS.bulk,
    );
  }
  await inOrganizationSql({ organizationId }, (client) => prunePersonal(client, organizationId), LIMITS.bulk);
}

/** What stays of somebody erased is the id, and that they were there: in the row, the past and every plan. */
async function eraseMembers(client: ClientBase, app: AppRef, removedDays: number): Promise<void> {
  const { organizationId, appId } = app;
  const { rows } = await client.query<{ id: string }>(
    `UPDATE member SET name = '', union_id = NULL, title = NULL, job_number = NULL, is_active = NULL, is_admin = NULL,
       is_boss = NULL, is_exclusive = NULL, hides_mobile = NULL, other_fields = '{}', personal_id = NULL, erased_at = now()
     WHERE organization_id = $1 AND app_id = $2 AND removed_at < now() - make_interval(days => $3) AND erased_at IS NULL
     RETURNING user_id AS id`,
    [organizationId, appId, removedDays],
  );
  const ids = rows.map(({ id }) => id);
  if (ids.length === 0) return;
  const values = [organizationId, appId, ids];
  await client.query(
    `DELETE FROM member_personal WHERE organization_id = $1 AND app_id = $2 AND user_id = ANY($3::text[])`,
    values,
  );
  await client.query(
    `UPDATE member_past SET name = '', title = NULL, job_number = NULL, is_active = NULL
     WHERE organization_id = $1 AND app_id = $2 AND user_id = ANY($3::text[])`,
    values,
  );
  await client.query(
    `UPDATE place_past SET title = NULL WHERE organization_id = $1 AND app_id = $2 AND user_id = ANY($3::text[])`,
    values,
  );
  await client.query(
    `UPDATE directory_change SET before = NULL, after = NULL
     WHERE organization_id = $1 AND app_id = $2 AND object = 'member' AND object_id = ANY($3::text[])`,
    values,
  );
  await unindexNames(client, app, "member", ids);
}

/** The revision that was the newest when the kept past begins: what ended with it or before is seen by nobody. */
async function prunePast(client: ClientBase, app: AppRef, historyDays: number): Promise<void> {
  const { organizationId, appId } = app;
  const { rows } = await client.query<{ revision: number | null }>(
    `SELECT max(revision) AS revision FROM change_set
     WHERE organization_id = $1 AND app_id = $2 AND applied_at < now() - make_interval(days => $3)`,
    [organizationId, appId, historyDays],
  );
  const revision = rows[0]?.revision ?? null;
  if (revision !== null) {
    for (const table of ["department_past", "member_past", "place_past"]) {
      await client.query(
        `DELETE FROM ${table} WHERE organization_id = $1 AND app_id = $2 AND to_revision <= $3`,
        [organizationId, appId, revision],
      );
    }
  }
  // Plans, too, that were never applied
  await client.query(
    `DELETE FROM change_set WHERE organization_id = $1 AND app_id = $2
       AND coalesce(applied_at, created_at) < now() - make_interval(days => $3)`,
    [organizationId, appId, historyDays],
  );
}

/** Longer than any held plan waits for somebody, whose values may be needed yet. */
const PERSONAL_DAYS = 8;

async function prunePersonal(client: ClientBase, organizationId: string): Promise<void> {
  await client.query(
    `DELETE FROM member_personal p
     WHERE p.organization_id = $1 AND p.created_at < now() - make_interval(days => $2) AND NOT EXISTS (
       SELECT FROM member m WHERE m.organization_id = $1 AND m.app_id = p.app_id AND m.user_id = p.user_id
         AND m.personal_id = p.id)`,
    [organizationId, PERSONAL_DAYS],
  );
}
