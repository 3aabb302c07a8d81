import "server-only";
import { LIMITS } from "@/lib/db/time-limits";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { firstIdAt } from "@/lib/public-id";

const DAY_MS = 24 * 60 * 60_000;
const BATCH = 5_000;

export const KEPT_DAYS = 30;

/** Returns the start of the oldest day (UTC) that is kept. */
export const keptSinceMs = (nowMs: number): number => (Math.floor(nowMs / DAY_MS) - KEPT_DAYS) * DAY_MS;

const DELETE = `
  DELETE FROM logged_call WHERE organization_id = $1 AND id IN (
    SELECT id FROM logged_call WHERE organization_id = $1 AND id < $2 ORDER BY id LIMIT $3)`;

const DELETE_GAPS = "DELETE FROM call_gap WHERE organization_id = $1 AND day < $2::date";

type Options = { readonly nowMs?: number; readonly batch?: number };

const run = (organizationId: string, statement: string, values: unknown[]) =>
  inOrganizationSql({ organizationId }, (client) => client.query(statement, values), LIMITS.bulk);

async function deleteBefore(organizationId: string, id: string, batch: number): Promise<void> {
  for (let deleted = batch; deleted >= batch; ) {
    const { rowCount } = await run(organizationId, DELETE, [organizationId, id, batch]);
    deleted = rowCount ?? 0;
  }
}

const LAST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff";

/** Deletes an organization's log in batches, because a cascade could exceed the statement timeout. */
export const forgetCalls = (organizationId: string, batch = BATCH): Promise<void> =>
  deleteBefore(organizationId, LAST_ID, batch);

/** Deletes an organization's calls older than 30 days in batches, so that no other query waits long. */
export async function pruneCalls(
  organizationId: string,
  { nowMs = Date.now(), batch = BATCH }: Options = {},
): Promise<void> {
  const sinceMs = keptSinceMs(nowMs);
  await deleteBefore(organizationId, firstIdAt(sinceMs), batch);
  await run(organizationId, DELETE_GAPS, [organizationId, new Date(sinceMs).toISOString().slice(0, 10)]);
}
