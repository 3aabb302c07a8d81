import "server-only";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { scheduleRenewal } from "./schedule-renewal";

/** A renewal that is this late has no job any more: it was lost, or failed five times. */
const LATE_MS = 60_000;

// The `renew_at` of an app whose secret was refused is null: it waits for a person.
const LATE = `
  SELECT t.app_id FROM app_token t JOIN dingtalk_app a ON a.organization_id = t.organization_id AND a.id = t.app_id
  WHERE t.organization_id = $1 AND a.organization_id = $1 AND a.state <> 'disabled' AND t.renew_at < $2
    AND (t.renewing_until IS NULL OR t.renewing_until < $3)`;

/**
 * Puts an organization's lost renewals back.
 *
 * @returns how many there were
 */
export async function sweepRenewals(organizationId: string, nowMs = Date.now()): Promise<number> {
  return inOrganizationSql({ organizationId }, async (client) => {
    const now = new Date(nowMs);
    const { rows } = await client.query<{ app_id: string }>(LATE, [
      organizationId,
      new Date(nowMs - LATE_MS),
      now,
    ]);
    for (const { app_id: appId } of rows) await scheduleRenewal({ organizationId, appId }, now, client);
    return rows.length;
  });
}
