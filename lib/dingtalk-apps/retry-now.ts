import "server-only";
import { probeApp } from "@/lib/app-health/probe-app";
import type { Actor } from "@/lib/auth/actor";
import { AppError } from "@/lib/errors";
import { APP_RETRIES_PER_HOUR } from "@/lib/limits/numbers";
import { makeWindowLimiter } from "@/lib/limits/window-limiter";
import { processWide } from "@/lib/process-wide";
import { keepToken } from "@/lib/tokens/renewal/ensure-token";
import { ourKeeper } from "@/lib/tokens/renewal/token-service";
import { assertAppId } from "./commands";
import { hastenRetry } from "./hasten-retry";

/** A renewal and a call. */
const RETRY_MS_MAX = 30_000;
const HOUR_SECONDS = 60 * 60;

const throttle = () =>
  processWide("apps.retries", () => ({
    ofOrganization: makeWindowLimiter("retry_org", APP_RETRIES_PER_HOUR, HOUR_SECONDS),
  }));

function assertNotTooSoon(waitMs: number | null, what: string): void {
  if (waitMs === null) return;
  throw new AppError("rate_limited", what, { retryAfterSeconds: Math.ceil(waitMs / 1_000) });
}

/**
 * Tries at once what an unstable app waits for: its renewal, or the call that DingTalk refused. What it is then, its
 * state says. An app whose secret DingTalk refused is not retried: the secret has to be changed first.
 *
 * @throws {AppError} `not_found`; `rate_limited`, also by the exchanges that one app may make in ten minutes
 */
export async function retryNow(actor: Actor<"app.change">, appId: string): Promise<void> {
  assertAppId(appId);
  const app = { organizationId: actor.organizationId, appId };
  assertNotTooSoon(await throttle().ofOrganization.take(app.organizationId), "too many retries");
  const keeper = ourKeeper();
  assertNotTooSoon(await hastenRetry(app, keeper.now()), "too many exchanges of one app in ten minutes");
  const signal = AbortSignal.timeout(RETRY_MS_MAX);
  await keepToken(keeper, app, { for: "schedule" }, signal);
  await probeApp(app, signal);
}
