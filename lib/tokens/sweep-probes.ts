import "server-only";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { scheduleProbe } from "./schedule-probe";

/** A probe that is this late has no job any more. */
const LATE_MS = 60_000;

const LATE =
  "SELECT id FROM dingtalk_app WHERE organization_id = $1 AND state IN ('degraded', 'broken') AND probe_at < $2";

/**
 * Puts an organization's lost probes back.
 *
 * @returns how many there were
 */
export async function sweepProbes(organizationId: string, nowMs = Date.now()): Promise<number> {
  return inOrganizationSql({ organizationId }, async (client) => {
    const { rows } = await client.query<{ id: string }>(LATE, [organizationId, new Date(nowMs - LATE_MS)]);
    for (const { id: appId } of rows) await scheduleProbe({ organizationId, appId }, new Date(nowMs), client);
    return rows.length;
  });
}
