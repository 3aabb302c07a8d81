import { type FailureClass, failureClassOf } from "@/lib/app-health/failure-class";
import type { DingtalkError } from "@/lib/dingtalk/errors";
import { type Moment, nextAllowedMs } from "./renewal-policy";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** After the first failure, the second, and so on; with the jitter the last is ten minutes at most. */
const PAUSES_MS = [5_000, 15_000, MINUTE_MS, 2 * MINUTE_MS, 4 * MINUTE_MS, 500_000] as const;
/** Apps that failed together don't come back together. */
const JITTER = 0.2;

/** What is mended at DingTalk, where nobody tells us, is looked at this often. */
export const PROBE_EVERY_MS = 10 * MINUTE_MS;

/**
 * When an API that refused the app is called again. The pauses of a broken app are as long as it has been broken, a
 * minute at least and an hour at most: 1, 1, 2, 4 … 60 minutes.
 *
 * @param brokenSince `null` for an app that breaks now
 */
export function nextProbeAt(
  failureClass: Extract<FailureClass, "broken" | "elsewhere">,
  brokenSince: Date | null,
  at: Date,
): Date {
  if (failureClass === "elsewhere") return new Date(at.getTime() + PROBE_EVERY_MS);
  const brokenMs = at.getTime() - (brokenSince ?? at).getTime();
  return new Date(at.getTime() + Math.min(HOUR_MS, Math.max(MINUTE_MS, brokenMs)));
}

/** What an app's renewals came to lately. */
export type Failing = {
  /** With the one that failed now. */
  readonly attemptedAt: readonly Date[];
  /** One after another, without this one. */
  readonly failures: number;
  /** How many attempts ten minutes may have. */
  readonly attemptsMax: number;
};

/**
 * When a renewal is tried again after a failure. Until then nobody asks DingTalk, however many want a token; then
 * one does, and what that comes to decides for all.
 *
 * @returns `null`: not by itself
 */
export function nextTryAt(error: DingtalkError, failing: Failing, moment: Moment): Date | null {
  switch (failureClassOf(error)) {
    case "secret":
      return null;
    case "broken":
      return inMs(Math.min(HOUR_MS, MINUTE_MS * 2 ** failing.failures), failing, moment);
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

const inMs = (pauseMs: number, { attemptedAt, attemptsMax }: Failing, { nowMs }: Moment): Date =>
  new Date(Math.max(nowMs + pauseMs, nextAllowedMs(attemptedAt, nowMs, attemptsMax)));
