import type { DingtalkError } from "@/lib/dingtalk/errors";
import { failureClassOf } from "./failure-class";
import { ATTEMPTS_MAX, type Moment, nextAllowedMs } from "./renewal-policy";

const MINUTE_MS = 60_000;

/** After the first failure, the second, and so on; with the jitter the last is ten minutes at most. */
const PAUSES_MS = [5_000, 15_000, MINUTE_MS, 2 * MINUTE_MS, 4 * MINUTE_MS, 500_000] as const;
/** Apps that failed together don't come back together. */
const JITTER = 0.2;

/** What is mended at DingTalk, where nobody tells us, is looked at this often. */
export const PROBE_EVERY_MS = 10 * MINUTE_MS;

/** What an app's renewals came to lately. */
export type Failing = {
  /** With the one that failed now. */
  readonly attemptedAt: readonly Date[];
  /** One after another, without this one. */
  readonly failures: number;
};

/**
 * When a renewal is tried again after a failure. Until then nobody asks DingTalk, however many want a token; then
 * one does, and what that comes to decides for all.
 *
 * @returns `null`: not by itself
 */
export function nextTryAt(error: DingtalkError, failing: Failing, moment: Moment): Date | null {
  switch (failureClassOf(error)) {
    case "broken":
      return null;
    case "elsewhere":
      return inMs(PROBE_EVERY_MS, failing, moment);
    case "passing":
      return retryAtAfterFailure(failing, error.retryAfterMs, moment);
  }
}

/** @param retryAfterMs what DingTalk asked for */
export function retryAtAfterFailure(failing: Failing, retryAfterMs: number | null, moment: Moment): Date {
  const pauseMs = PAUSES_MS[Math.min(failing.failures, PAUSES_MS.length - 1)] ?? MINUTE_MS;
  return inMs(Math.max(pauseMs * (1 + JITTER * moment.random), retryAfterMs ?? 0), failing, moment);
}

const inMs = (pauseMs: number, { attemptedAt }: Failing, { nowMs }: Moment): Date =>
  new Date(Math.max(nowMs + pauseMs, nextAllowedMs(attemptedAt, nowMs, ATTEMPTS_MAX)));
