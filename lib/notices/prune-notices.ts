import "server-only";
import { inOrganizationSql } from "@/lib/db/unit-of-work";

const KEPT_MS = 30 * 24 * 60 * 60_000;
const BATCH_ROWS = 1_000;

const PRUNE = `
  DELETE FROM app_notice WHERE organization_id = $1 AND id IN (
    SELECT id FROM app_notice WHERE organization_id = $1 AND ended_at < $2 LIMIT $3)`;

/** Deletes an organization's notices that ended more than 30 days ago. @returns their number */
export async function pruneNotices(organizationId: string, nowMs = Date.now()): Promise<number> {
  const before = new Date(nowMs - KEPT_MS);
  let pruned = 0;
  for (let deleted = BATCH_ROWS; deleted >= BATCH_ROWS; pruned += deleted) {
    deleted = await inOrganizationSql({ organizationId }, async (client) => {
      const { rowCount } = await client.query(PRUNE, [organizationId, before, BATCH_ROWS]);
      return rowCount ?? 0;
    });
  }
  return pruned;
}
