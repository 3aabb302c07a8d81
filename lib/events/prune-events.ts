import "server-only";
import type { ClientBase } from "pg";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { erasePersonalEvents, keepsPersonal } from "@/lib/directory/personal/storage-setting";

const KEPT_MS = 30 * 24 * 60 * 60_000;
const BATCH_ROWS = 1_000;

const PRUNE = `
  DELETE FROM dingtalk_event WHERE organization_id = $1 AND id IN (
    SELECT id FROM dingtalk_event WHERE organization_id = $1 AND received_at < $2 ORDER BY id LIMIT $3)`;

/** A suite's subscription has no foreign key to its apps. */
const PRUNE_SUITES = `
  DELETE FROM event_subscription s WHERE s.organization_id = $1 AND s.suite_key IS NOT NULL AND NOT EXISTS (
    SELECT FROM dingtalk_app a WHERE a.organization_id = $1 AND a.kind = 'isv' AND a.app_key = s.suite_key)`;

/**
 * Deletes events that are older than 30 days, and subscriptions of suites without an app. Erases personal values that
 * were stored while their storage was switched off.
 *
 * @returns the number of deleted events
 */
export async function pruneEvents(organizationId: string, nowMs = Date.now()): Promise<number> {
  const inOwn = <T>(work: (client: ClientBase) => Promise<T>) => inOrganizationSql({ organizationId }, work);
  await inOwn(async (client) => {
    await client.query(PRUNE_SUITES, [organizationId]);
    if (!(await keepsPersonal(client, { organizationId }))) await erasePersonalEvents(client, organizationId);
  });
  const before = new Date(nowMs - KEPT_MS);
  let pruned = 0;
  for (let deleted = BATCH_ROWS; deleted >= BATCH_ROWS; pruned += deleted) {
    deleted = await inOwn(async (client) => {
      const { rowCount } = await client.query(PRUNE, [organizationId, before, BATCH_ROWS]);
      return rowCount ?? 0;
    });
  }
  return pruned;
}
