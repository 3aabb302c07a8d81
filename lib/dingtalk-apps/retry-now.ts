import "server-only";
import { type ProbeAccess, probeApp } from "@/lib/app-health/probe-app";
import { type AppRef, parseAppRef } from "@/lib/app-ref";
import type { Actor } from "@/lib/auth/actor";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { AppError } from "@/lib/errors";
import type { JobHandler } from "@/lib/jobs/queues";
import { APP_RETRIES_PER_HOUR } from "@/lib/limits/numbers";
import { makeWindowLimiter } from "@/lib/limits/window-limiter";
import { processWide } from "@/lib/process-wide";
import { callerOf } from "@/lib/tokens/dingtalk-caller";
import { ensureToken } from "@/lib/tokens/renewal/ensure-token";
import { attemptLimits, nextAllowedMs } from "@/lib/tokens/renewal/renewal-policy";
import { ourTokenService } from "@/lib/tokens/renewal/token-service";
import { readTokenRow } from "@/lib/tokens/store/stored-token";
import { ourDingtalk } from "@/lib/upstream/dingtalk-connections";

const RETRY_MS_MAX = 30_000;
const HOUR_SECONDS = 60 * 60;

const retries = () =>
  processWide("apps.retries", () => ({
    ofOrganization: makeWindowLimiter("retry_org", APP_RETRIES_PER_HOUR, HOUR_SECONDS),
  }));

function assertNotTooSoon(waitMs: number | null, reason: string): void {
  if (waitMs === null) return;
  throw new AppError("rate_limited", reason, { retryAfterSeconds: Math.ceil(waitMs / 1_000) });
}

const probeAccess = (): ProbeAccess => ({
  dingtalk: ourDingtalk(),
  callerOf: (app) => callerOf(app, app.appId),
});

/**
 * Retries an unstable app's renewal or refused call at once. An app with a refused secret is not retried.
 * @throws {AppError} `not_found`; `rate_limited`
 */
export async function retryNow(actor: Actor<"app.change">, appId: string): Promise<void> {
  const app = parseAppRef(actor.organizationId, appId);
  assertNotTooSoon(await retries().ofOrganization.take(app.organizationId), "too many retries");
  const service = ourTokenService();
  assertNotTooSoon(await endPauses(app, service.now()), "too many token requests of one app in ten minutes");
  const signal = AbortSignal.timeout(RETRY_MS_MAX);
  await ensureToken(service, app, { for: "schedule" }, signal);
  await probeApp(app, probeAccess(), signal);
}

const END_RENEWAL_PAUSE = `
  UPDATE app_token SET renew_at = $3 WHERE organization_id = $1 AND app_id = $2
    AND last_error_at IS NOT NULL AND renew_at > $3`;

const END_PROBE_PAUSE = `
  UPDATE dingtalk_app SET probe_at = $3 WHERE organization_id = $1 AND id = $2 AND state IN ('degraded', 'broken')
    AND probe_at > $3`;

/**
 * Ends the pauses after failures without calling DingTalk. @returns milliseconds to wait if no renewal is allowed yet
 */
export function endPauses(app: AppRef, nowMs: number): Promise<number | null> {
  const values = [app.organizationId, app.appId, new Date(nowMs)];
  return inOrganizationSql(app, async (client) => {
    const row = await readTokenRow(client, app);
    if (row.lastErrorAt && row.renewAt && row.renewAt.getTime() > nowMs) {
      const waitMs = nextAllowedMs(row.attemptedAt, nowMs, attemptLimits(row).test) - nowMs;
      if (waitMs > 0) return waitMs;
    }
    await client.query(END_RENEWAL_PAUSE, values);
    await client.query(END_PROBE_PAUSE, values);
    return null;
  });
}

/** Probes an app if its row says that a probe is due. A job of a deleted or disabled app ends without an error. */
export const probeAppJob: JobHandler<"app.probe"> = async ({ organizationId, appId }, { signal }) => {
  try {
    await probeApp({ organizationId, appId }, probeAccess(), signal);
  } catch (error) {
    if (!(error instanceof AppError && (error.code === "not_found" || error.code === "conflict")))
      throw error;
  }
};
