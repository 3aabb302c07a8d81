import "server-only";
import type { ClientBase } from "pg";
import type { AppRef } from "@/lib/app-ref";
import { keyOf } from "@/lib/app-ref";
import { runSql, type Work } from "@/lib/db/run-sql";
import { inOrganizationSql, LIMITS, readTogether } from "@/lib/db/unit-of-work";
import { keysWithJob } from "@/lib/jobs/queries";
import { sendJob } from "@/lib/jobs/send-job";
import { deleteTerms } from "../search/index-names";

/** What outlives its app until it is erased: what is personal first. */
export const ERASED_TABLES = [
  "member_personal",
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
 * What belongs to deleting an app beside its row: its directory, which may be too large for a command, is left to a job.
 * Nobody sees it any more, for whoever reads of it looks for the app. Until all of it is gone its row in `directory` stays,
 * by which a sweep finds it when the job is lost.
 */
export async function leaveDirectory(work: Work, { organizationId, appId }: AppRef): Promise<void> {
  await runSql(
    work,
    `INSERT INTO directory (organization_id, app_id) VALUES ($1::uuid, $2::uuid)
     ON CONFLICT (organization_id, app_id) DO NOTHING`,
    [organizationId, appId],
  );
  await sendErasing({ organizationId, appId }, work);
}

const sendErasing = ({ organizationId, appId }: AppRef, tx?: Work): Promise<boolean> =>
  sendJob(
    "app.erase",
    { organizationId, appId },
    { ...(tx && { tx }), singletonKey: keyOf({ organizationId, appId }) },
  );

/**
 * Runs `work` while nobody else writes the directory: a sync that does, of an app that is gone by now, writes for minutes
 * before it finds that out and takes all of it back.
 */
const alone = <T>(app: AppRef, work: (client: ClientBase) => Promise<T>): Promise<T> =>
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

/** Erases one plan, which may have a change for everybody. @returns whether there was one */
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
 * Erases the directory of an app that is gone: some hundred thousand rows at a time, each batch in a unit of work of its
 * own, so that whoever takes it up after a kill -9 goes on from there. Of an app that is there it erases nothing.
 *
 * @throws the signal's reason
 */
export async function eraseDirectory(app: AppRef, signal?: AbortSignal): Promise<void> {
  const scope = [app.organizationId, app.appId];
  const { rows } = await inOrganizationSql(app, (client) => client.query<{ isGone: boolean }>(GONE, scope));
  if (!rows[0]?.isGone) return;
  const eraseFrom = (table: string) =>
    alone(app, (client) =>
      client.query(`DELETE FROM ${table} WHERE organization_id = $1 AND app_id = $2`, scope),
    );
  for (const table of ERASED_TABLES) {
    signal?.throwIfAborted();
    await eraseFrom(table);
  }
  for (const eraseSome of [deleteTerms, eraseSet]) {
    for (let isMore = true; isMore; ) {
      signal?.throwIfAborted();
      isMore = await alone(app, (client) => eraseSome(client, app));
    }
  }
  await eraseFrom("directory");
}

const LEFT = `
  SELECT app_id AS "appId" FROM directory d WHERE organization_id = $1 AND NOT EXISTS (
    SELECT FROM dingtalk_app a WHERE a.organization_id = $1 AND a.id = d.app_id)`;

/** Has erased what is left of an organization's apps that are gone. @returns how many those are */
export async function sweepErasing(organizationId: string): Promise<number> {
  const rows = await readTogether<{ appId: string }>({ organizationId }, LEFT, [organizationId]);
  const apps = rows.map(({ appId }) => ({ organizationId, appId }));
  const waiting = await keysWithJob(organizationId, "app.erase", apps.map(keyOf));
  for (const app of apps) if (!waiting.has(keyOf(app))) await sendErasing(app);
  return rows.length;
}
