import type { Dingtalk } from "./client";
import type { DingtalkThrottleScope } from "./error-kinds";
import type { DingtalkError } from "./errors";

/** Throttles that hold back more than the API that was called. */
const WHOLE_APP: ReadonlySet<DingtalkThrottleScope | null> = new Set<DingtalkThrottleScope>([
  "server",
  "ip_corps",
  "corp",
  "app",
  "app_corp",
]);

/** The API that was called, and on whose behalf. */
type Called = {
  readonly appKey: string;
  readonly limiterId?: string;
  readonly host: "oapi" | "api";
  readonly api: string;
};

/** How long an app waits whose call met a ban that nothing confirms. */
const UNCONFIRMED_BAN_MS = 60_000;

/**
 * Lets nobody's call pass whom a throttle or a ban concerns, until DingTalk takes them again. A ban concerns all
 * tenants only once a call of our own has confirmed it; until then the app that met it waits alone. What held a call
 * back before it was sent is no news.
 *
 * @param untilMs when the one that met it means to come back
 */
export async function holdBack(
  dingtalk: Dingtalk,
  { appKey, limiterId = appKey, host, api }: Called,
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
    await dingtalk.limiter.penalize(key, heldUntilMs(dingtalk, error, untilMs));
  }
}

/**
 * Until when a throttle holds back everybody else. An app's own second is over after a second; if this call
 * has met it several times, that is its own bad luck, and no reason for the others to stand still.
 */
function heldUntilMs(dingtalk: Dingtalk, error: DingtalkError, untilMs: number): number {
  if (error.throttleScope !== "app_api_second") return untilMs;
  return Math.min(untilMs, dingtalk.now() + (error.retryAfterMs ?? 0));
}
