import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { AppError } from "@/lib/errors";
import { hastenRetry } from "@/lib/tokens/hasten-retry";
import { keepToken } from "@/lib/tokens/keep-token";
import { ourKeeper } from "@/lib/tokens/keeper";
import { probeApp } from "@/lib/tokens/probe-app";
import { assertAppId } from "./commands";
import { assertMayTest } from "./test-throttle";

/** A renewal and a call. */
const RETRY_MS_MAX = 30_000;

/**
 * Tries at once what an unstable app waits for: its renewal, or the call that DingTalk refused. What it is then, its
 * state says. A broken app is not retried: something has to be changed first.
 *
 * @param address where the request came from; counted among the connection tests
 * @throws {AppError} `not_found`; `rate_limited`; `conflict` while the app is disabled
 */
export async function retryNow(actor: Actor<"app.change">, appId: string, address: string): Promise<void> {
  assertAppId(appId);
  const app = { organizationId: actor.organizationId, appId };
  await assertMayTest(app.organizationId, address);
  const keeper = ourKeeper();
  const waitMs = await hastenRetry(app, keeper.now());
  if (waitMs !== null) {
    throw new AppError("rate_limited", "too many exchanges of one app in ten minutes", {
      retryAfterSeconds: Math.ceil(waitMs / 1_000),
    });
  }
  const signal = AbortSignal.timeout(RETRY_MS_MAX);
  await keepToken(keeper, app, { for: "schedule" }, signal);
  await probeApp(app, signal);
}
