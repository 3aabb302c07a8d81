import type { Dingtalk } from "./client";
import type { DingtalkThrottleScope } from "./error-kinds";
import type { DingtalkError } from "./errors";
import { UNCONFIRMED_BAN_MS } from "./ip-ban";

const WHOLE_APP: ReadonlySet<DingtalkThrottleScope | null> = new Set<DingtalkThrottleScope>([
  "server",
  "ip_corps",
  "corp",
  "app",
  "app_corp",
]);

type CalledApi = {
  readonly appKey: string;
  readonly limiterId?: string;
  readonly host: "oapi" | "api";
  readonly api: string;
};

/**
 * Pauses all calls that a throttle or a ban applies to. A ban pauses only its app until the probe confirms it.
 * @param untilMs when the failed call is due again, in milliseconds since the epoch
 */
export async function pauseCalls(
  dingtalk: Dingtalk,
  { appKey, limiterId = appKey, host, api }: CalledApi,
  error: DingtalkError,
  untilMs: number,
): Promise<void> {
  if (error.kind === "ip_banned" && error.upstream.status !== null) {
    await dingtalk.limiter.penalize({ limiterId, api: null }, dingtalk.now() + UNCONFIRMED_BAN_MS);
    const isConfirmed = await dingtalk.isBanned(host);
    if (isConfirmed) await dingtalk.limiter.penalize("egress", dingtalk.now() + (error.retryAfterMs ?? 0));
  }
  if (error.kind === "throttled" && error.throttleScope !== "own_limiter") {
    const key = { limiterId, api: WHOLE_APP.has(error.throttleScope) ? null : api };
    await dingtalk.limiter.penalize(key, pausedUntilMs(dingtalk, error, untilMs));
  }
}

/** The limit per second ends after a second for other calls, whatever the failed call's back-off is. */
function pausedUntilMs(dingtalk: Dingtalk, error: DingtalkError, untilMs: number): number {
  if (error.throttleScope !== "app_api_second") return untilMs;
  return Math.min(untilMs, dingtalk.now() + (error.retryAfterMs ?? 0));
}
