import "server-only";
import type { AppRef } from "@/lib/app-ref";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { attemptLimits, nextAllowedMs } from "@/lib/tokens/renewal/renewal-policy";
import { readTokenRow } from "@/lib/tokens/store/stored-token";

const HASTEN_RENEWAL = `
  UPDATE app_token SET renew_at = $3 WHERE organization_id = $1 AND app_id = $2
    AND last_error_at IS NOT NULL AND renew_at > $3`;

const HASTEN_PROBE = `
  UPDATE dingtalk_app SET probe_at = $3 WHERE organization_id = $1 AND id = $2 AND state IN ('degraded', 'broken')
    AND probe_at > $3`;

/**
 * Ends the pause after a failed renewal, and that before an API which refuses the app is called again. Asks nothing
 * of DingTalk by itself.
 *
 * @returns `null`; or nothing has changed, because there were several renewals within ten minutes: milliseconds until
 *   another one may be made for a person who presses a button
 */
export function hastenRetry(app: AppRef, nowMs: number): Promise<number | null> {
  const values = [app.organizationId, app.appId, new Date(nowMs)];
  return inOrganizationSql(app, async (client) => {
    const row = await readTokenRow(client, app);
    if (row.lastErrorAt && row.renewAt && row.renewAt.getTime() > nowMs) {
      const waitMs = nextAllowedMs(row.attemptedAt, nowMs, attemptLimits(row).test) - nowMs;
      if (waitMs > 0) return waitMs;
    }
    await client.query(HASTEN_RENEWAL, values);
    await client.query(HASTEN_PROBE, values);
    return null;
  });
}
