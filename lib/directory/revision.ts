import "server-only";
import type { ClientBase } from "pg";
import type { AppRef } from "@/lib/app-ref";

/** The directory's newest revision; 0 for one that was never written. */
export async function readRevision(client: ClientBase, { organizationId, appId }: AppRef): Promise<number> {
  const { rows } = await client.query<{ revision: number }>(
    `SELECT revision FROM directory WHERE organization_id = $1 AND app_id = $2`,
    [organizationId, appId],
  );
  return rows[0]?.revision ?? 0;
}

/**
 * Locks an app's directory to the end of the transaction: whoever changes it does so before anything else, so that
 * its revisions are committed in their order. Whoever needs the app's own lock too takes that one after it.
 *
 * @returns the revision that is the newest, and stays so
 */
export async function lockDirectory(client: ClientBase, { organizationId, appId }: AppRef): Promise<number> {
  const lock = () =>
    client.query<{ revision: number }>(
      `SELECT revision FROM directory WHERE organization_id = $1 AND app_id = $2 FOR UPDATE`,
      [organizationId, appId],
    );
  const found = await lock();
  if (found.rows[0]) return found.rows[0].revision;
  await client.query(
    `INSERT INTO directory (organization_id, app_id) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
    [organizationId, appId],
  );
  return (await lock()).rows[0]?.revision ?? 0;
}
