import "server-only";
import { inOrganizationSql, readTogether } from "@/lib/db/unit-of-work";
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
  const lost = await readTogether<{ id: string }>({ organizationId }, LATE, [
    organizationId,
    new Date(nowMs - LATE_MS),
  ]);
  if (lost.length === 0) return 0;
  await inOrganizationSql({ organizationId }, async (client) => {
    for (const { id: appId } of lost) await scheduleProbe({ organizationId, appId }, new Date(nowMs), client);
  });
  return lost.length;
}
