import "server-only";
import type { ClientBase } from "pg";
import type { AppRef } from "@/lib/app-ref";
import { keyOf } from "@/lib/app-ref";
import { runSql, type Work } from "@/lib/db/run-sql";
import { LIMITS } from "@/lib/db/time-limits";
import { inOrganizationSql, readTogether } from "@/lib/db/unit-of-work";
import { keysWithJob } from "@/lib/jobs/keys-with-job";
import { sendJob } from "@/lib/jobs/send-job";
import { deleteTerms } from "../search/index-names";

/** The tables whose rows remain after their app is deleted, personal values first. */
export const ERASED_TABLES = [
  "member_personal",
  "dingtalk_event",
  "member",
  "member_place",
  "member_past",
  "place_past",
  "search_name",
  "walk_member",
  "walk_pages",
  "walk_list",
  "walk_detail",
  "department",
  "department_past",
  "department_count",
] as const;

/**
 * Queues the erasure of a deleted app's directory. Its row in `directory` stays to the end, so that a sweep finds it
 * when the job is lost.
 */
export async function queueErasure(work: Work, { organizationId, appId }: AppRef): Promise<void> {
  await runSql(
    work,
    `INSERT INTO directory (organization_id, app_id) VALUES ($1::uuid, $2::uuid)
     ON CONFLICT (organization_id, app_id) DO NOTHING`,
    [organizationId, appId],
  );
  await sendErasure({ organizationId, appId }, work);
}

const sendErasure = ({ organizationId, appId }: AppRef, tx?: Work): Promise<boolean> =>
  sendJob(
    "app.erase",
    { organizationId, appId },
    { ...(tx && { tx }), singletonKey: keyOf({ organizationId, appId }) },
  );

/** Runs `work` under the directory's lock. A sync may write for a deleted app until it fails and rolls back. */
const withDirectoryLock = <T>(app: AppRef, work: (client: ClientBase) => Promise<T>): Promise<T> =>
  inOrganizationSql(
    app,
    async (client) => {
      await client.query("SELECT FROM directory WHERE organization_id = $1 AND app_id = $2 FOR UPDATE", [
        app.organizationId,
        app.appId,
      ]);
      return work(client);
    },
    LIMITS.directory,
  );

/** Erases one plan, which may have a change for every member. @returns whether there was one */
async function eraseSet(client: ClientBase, { organizationId, appId }: AppRef): Promise<boolean> {
  const { rows } = await client.query<{ id: string }>(
    "SELECT id FROM change_set WHERE organization_id = $1 AND app_id = $2 LIMIT 1",
    [organizationId, appId],
  );
  const [set] = rows;
  if (!set) return false;
  await client.query("DELETE FROM directory_change WHERE organization_id = $1 AND set_id = $2", [
    organizationId,
    set.id,
  ]);
  await client.query("DELETE FROM change_set WHERE organization_id = $1 AND id = $2", [
    organizationId,
    set.id,
  ]);
  return true;
}

const GONE = `SELECT NOT EXISTS (
  SELECT FROM dingtalk_app WHERE organization_id = $1 AND id = $2) AS "isGone"`;

/**
 * Erases a deleted app's directory in batches, so that the next job continues after a crash. @throws the signal's
 * reason
 */
export async function eraseDirectory(app: AppRef, signal?: AbortSignal): Promise<void> {
  const scope = [app.organizationId, app.appId];
  const { rows } = await inOrganizationSql(app, (client) => client.query<{ isGone: boolean }>(GONE, scope));
  if (!rows[0]?.isGone) return;
  const eraseFrom = (table: string) =>
    withDirectoryLock(app, (client) =>
      client.query(`DELETE FROM ${table} WHERE organization_id = $1 AND app_id = $2`, scope),
    );
  for (const table of ERASED_TABLES) {
    signal?.throwIfAborted();
    await eraseFrom(table);
  }
  for (const eraseSome of [deleteTerms, eraseSet]) {
    for (let isMore = true; isMore; ) {
      signal?.throwIfAborted();
      isMore = await withDirectoryLock(app, (client) => eraseSome(client, app));
    }
  }
  await eraseFrom("directory");
}

const LEFT = `
  SELECT app_id AS "appId" FROM directory d WHERE organization_id = $1 AND NOT EXISTS (
    SELECT FROM dingtalk_app a WHERE a.organization_id = $1 AND a.id = d.app_id)`;

/** Queues the erasure of the directories of an organization's deleted apps. @returns the number of these apps */
export async function sweepErasures(organizationId: string): Promise<number> {
  const rows = await readTogether<{ appId: string }>({ organizationId }, LEFT, [organizationId]);
  const apps = rows.map(({ appId }) => ({ organizationId, appId }));
  const waiting = await keysWithJob(organizationId, "app.erase", apps.map(keyOf));
  for (const app of apps) if (!waiting.has(keyOf(app))) await sendErasure(app);
  return rows.length;
}
