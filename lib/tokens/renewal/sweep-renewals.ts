import "server-only";
import { inOrganizationSql, readTogether } from "@/lib/db/unit-of-work";
import { scheduleAppJob } from "@/lib/jobs/send-job";

/** A renewal that is this late has lost its job. */
const LATE_MS = 60_000;

// `renew_at` is null for an app whose secret was refused: it waits for a person.
const LATE = `
  SELECT t.app_id AS "appId" FROM app_token t JOIN dingtalk_app a ON a.organization_id = t.organization_id AND a.id = t.app_id
  WHERE t.organization_id = $1 AND a.organization_id = $1 AND a.state <> 'disabled' AND t.renew_at < $2
    AND (t.renewing_until IS NULL OR t.renewing_until < $3)`;

/** Schedules an organization's lost renewals again, and returns how many there were. */
export async function sweepRenewals(organizationId: string, nowMs = Date.now()): Promise<number> {
  const now = new Date(nowMs);
  const lost = await readTogether<{ appId: string }>({ organizationId }, LATE, [
    organizationId,
    new Date(nowMs - LATE_MS),
    now,
  ]);
  if (lost.length === 0) return 0;
  await inOrganizationSql({ organizationId }, async (client) => {
    for (const { appId } of lost) await scheduleAppJob("token.renew", { organizationId, appId }, now, client);
  });
  return lost.length;
}
