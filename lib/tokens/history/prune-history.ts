import "server-only";
import { inOrganizationSql } from "@/lib/db/unit-of-work";

const DAY_MS = 24 * 60 * 60_000;
const KEPT_DAYS = 30;
const BATCH_ROWS = 1_000;

const EVENTS = `
  DELETE FROM token_event WHERE organization_id = $1 AND id IN (
    SELECT id FROM token_event WHERE organization_id = $1 AND at < $2 ORDER BY at LIMIT $3)`;

// An hour of an app has few rows, one for each key that reads.
const READS = `
  DELETE FROM token_read_hour WHERE organization_id = $1 AND hour IN (
    SELECT hour FROM token_read_hour WHERE organization_id = $1 AND hour < $2 ORDER BY hour LIMIT $3)`;

/** Deletes token events and read counts of days more than 30 days ago. @returns the number of deleted rows */
export async function pruneTokenHistory(organizationId: string, nowMs = Date.now()): Promise<number> {
  const before = new Date(nowMs - (nowMs % DAY_MS) - KEPT_DAYS * DAY_MS);
  let pruned = 0;
  for (const statement of [EVENTS, READS]) {
    for (let deleted = BATCH_ROWS; deleted >= BATCH_ROWS; pruned += deleted) {
      deleted = await inOrganizationSql({ organizationId }, async (client) => {
        const { rowCount } = await client.query(statement, [organizationId, before, BATCH_ROWS]);
        return rowCount ?? 0;
      });
    }
  }
  return pruned;
}
