import "server-only";
import type { ClientBase } from "pg";
import type { AppRef } from "@/lib/app-ref";

/** Returns the directory's current revision; 0 before the first write. */
export async function readRevision(client: ClientBase, { organizationId, appId }: AppRef): Promise<number> {
  const { rows } = await client.query<{ revision: number }>(
    `SELECT revision FROM directory WHERE organization_id = $1 AND app_id = $2`,
    [organizationId, appId],
  );
  return rows[0]?.revision ?? 0;
}

/**
 * Locks an app's directory. Every transaction that changes it does this first, and locks the app's row after it.
 * @returns the current revision
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
