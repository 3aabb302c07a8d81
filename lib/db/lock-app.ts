import "server-only";
import type { ClientBase } from "pg";
import type { AppRef } from "@/lib/app-ref";

/**
 * Keeps an app from being deleted until the transaction ends, so that what was written of its directory is there to be
 * erased when it is. No foreign key does that.
 *
 * @returns false for an app that is gone
 */
export async function preventAppDeletion(
  client: ClientBase,
  { organizationId, appId }: AppRef,
): Promise<boolean> {
  const { rowCount } = await client.query(
    "SELECT FROM dingtalk_app WHERE organization_id = $1 AND id = $2 FOR KEY SHARE",
    [organizationId, appId],
  );
  return rowCount === 1;
}
