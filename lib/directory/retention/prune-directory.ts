import "server-only";
import type { ClientBase } from "pg";
import type { AppRef } from "@/lib/app-ref";
import { LIMITS } from "@/lib/db/time-limits";
import { inOrganization, inOrganizationSql } from "@/lib/db/unit-of-work";
import { log } from "@/lib/log";
import { unindexNames } from "../search/index-names";
import { readSettings } from "../settings/directory-settings";

/** Rows per unit of work. Small, so that locks are short and a failure loses little. */
const BATCH = 1_000;

type Options = { readonly batch?: number };

/** Erases what is past its retention, and logs a failure for one app. */
export async function pruneDirectories(
  organizationId: string,
  { batch = BATCH }: Options = {},
): Promise<void> {
  const apps = await inOrganization({ organizationId }, (tx) =>
    tx.dingtalkApp.findMany({ where: { organizationId }, select: { id: true } }),
  );
  for (const { id: appId } of apps) {
    const app = { organizationId, appId };
    await pruneApp(app, batch).catch((error: unknown) =>
      log.error("a directory was not pruned", { ...app, error }),
    );
  }
  const scope = { organizationId };
  await untilFewer(batch, () =>
    inOrganizationSql(scope, (client) => prunePersonal(client, organizationId, batch), LIMITS.bulk),
  );
}

async function untilFewer(batch: number, work: () => Promise<number>): Promise<void> {
  for (let count = batch; count >= batch; ) count = await work();
}

async function pruneApp(app: AppRef, batch: number): Promise<void> {
  const settings = await inOrganizationSql(app, (client) => readSettings(client, app));
  const inBatches = (work: (client: ClientBase) => Promise<number>, size = batch) =>
    untilFewer(size, () => inOrganizationSql(app, work, LIMITS.bulk));
  await inBatches((client) => eraseMembers(client, app, { days: settings.removedDays, batch }));
  const revision = await inOrganizationSql(app, (client) => lastHidden(client, app, settings.historyDays));
  if (revision !== null) {
    for (const [table, id] of PAST) {
      await inBatches((client) => prunePast(client, app, { table, id, revision, batch }));
    }
  }
  // One plan may have a change for every member
  await inBatches((client) => pruneSet(client, app, settings.historyDays), 1);
}

type Erase = { readonly days: number; readonly batch: number };

/** Erases members. Only the id remains, in the row, the history and the plans. */
async function eraseMembers(client: ClientBase, app: AppRef, { days, batch }: Erase): Promise<number> {
  const { organizationId, appId } = app;
  const { rows } = await client.query<{ id: string }>(
    `UPDATE member SET name = '', union_id = NULL, title = NULL, job_number = NULL, is_active = NULL, is_admin = NULL,
       is_boss = NULL, is_exclusive = NULL, hides_mobile = NULL, other_fields = '{}', personal_id = NULL, erased_at = now()
     WHERE organization_id = $1 AND app_id = $2 AND user_id IN (
       SELECT user_id FROM member WHERE organization_id = $1 AND app_id = $2
         AND removed_at < now() - make_interval(days => $3) AND erased_at IS NULL ORDER BY user_id LIMIT $4)
     RETURNING user_id AS id`,
    [organizationId, appId, days, batch],
  );
  const ids = rows.map(({ id }) => id);
  if (ids.length === 0) return 0;
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
  return ids.length;
}

const PAST = [
  ["department_past", "department_id"],
  ["member_past", "user_id"],
  ["place_past", "user_id"],
] as const;

/** Returns the newest revision before the history period. Versions that ended with it are never shown. */
async function lastHidden(
  client: ClientBase,
  { organizationId, appId }: AppRef,
  historyDays: number,
): Promise<number | null> {
  const { rows } = await client.query<{ revision: number | null }>(
    `SELECT max(revision) AS revision FROM change_set
     WHERE organization_id = $1 AND app_id = $2 AND applied_at < now() - make_interval(days => $3)`,
    [organizationId, appId, historyDays],
  );
  return rows[0]?.revision ?? null;
}

type PastOf = {
  readonly table: (typeof PAST)[number][0];
  readonly id: (typeof PAST)[number][1];
  readonly revision: number;
  readonly batch: number;
};

async function prunePast(
  client: ClientBase,
  { organizationId, appId }: AppRef,
  { table, id, revision, batch }: PastOf,
): Promise<number> {
  const { rowCount } = await client.query(
    // A join, because a distributed PostgreSQL breaks `(a, b) IN (SELECT …)` on its workers
    `DELETE FROM ${table} p USING (SELECT ${id} AS id, from_revision FROM ${table}
       WHERE organization_id = $1 AND app_id = $2 AND to_revision <= $3 LIMIT $4) hidden
     WHERE p.organization_id = $1 AND p.app_id = $2 AND p.${id} = hidden.id AND p.from_revision = hidden.from_revision`,
    [organizationId, appId, revision, batch],
  );
  return rowCount ?? 0;
}

/** Deletes one plan that is older than the kept history, applied or not. @returns 0 when there is none */
async function pruneSet(
  client: ClientBase,
  { organizationId, appId }: AppRef,
  historyDays: number,
): Promise<number> {
  const { rowCount } = await client.query(
    `DELETE FROM change_set WHERE organization_id = $1 AND id IN (
       SELECT id FROM change_set WHERE organization_id = $1 AND app_id = $2
         AND coalesce(applied_at, created_at) < now() - make_interval(days => $3)
       ORDER BY coalesce(applied_at, created_at) LIMIT 1)`,
    [organizationId, appId, historyDays],
  );
  return rowCount ?? 0;
}

/** Longer than any held run waits for a decision, because its plan may need the values. */
const PERSONAL_DAYS = 8;

async function prunePersonal(client: ClientBase, organizationId: string, batch: number): Promise<number> {
  const { rowCount } = await client.query(
    `DELETE FROM member_personal WHERE organization_id = $1 AND id IN (
       SELECT p.id FROM member_personal p
       WHERE p.organization_id = $1 AND p.created_at < now() - make_interval(days => $2) AND NOT EXISTS (
         SELECT FROM member m WHERE m.organization_id = $1 AND m.app_id = p.app_id AND m.user_id = p.user_id
           AND m.personal_id = p.id)
       LIMIT $3)
     OR organization_id = $1 AND id IN (
       SELECT p.id FROM member_personal p JOIN organization o ON o.organization_id = $1 AND NOT o.keeps_personal
       WHERE p.organization_id = $1 LIMIT $3)`,
    [organizationId, PERSONAL_DAYS, batch],
  );
  return rowCount ?? 0;
}
