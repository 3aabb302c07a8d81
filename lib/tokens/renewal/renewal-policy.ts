import { failureClassOf } from "@/lib/app-health/failure-class";
import { PROBE_INTERVAL_MS } from "@/lib/app-health/probe-schedule";
import type { DingtalkError } from "@/lib/dingtalk/errors";
import type { TokenRow } from "../store/stored-token";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Time limit of one call to the token endpoint. A renewal makes a second call if the new host can't be reached. */
export const EXCHANGE_MS_MAX = 4_500;
/** Time limit of one renewal. Retries are renewals of their own, because DingTalk counts calls. */
export const RENEWAL_MS_MAX = 10_000;
/** Life of a claim. After a process was killed during a renewal, readers wait for it and a renewal: usually 15 s. */
export const CLAIM_MS = RENEWAL_MS_MAX + 2_500;
/** Time limit of a request for a token, the wait for another process included. */
export const REQUEST_MS_MAX = CLAIM_MS + RENEWAL_MS_MAX + 8_000;

/** Leaves time for several failed renewals before a reader notices. */
const RENEW_BEFORE_MS = 10 * MINUTE_MS;
/** Spreads the renewals of apps that were connected at the same time. */
const RENEW_JITTER_MS = 2 * MINUTE_MS;

/** Remaining life of a token that a reader gets, if DingTalk gives that much. */
export const LEASE_MS_MIN = 5 * MINUTE_MS;

/** Pause between two forced renewals of an app. */
export const FORCED_PAUSE_MS = 30_000;
/** Pause after a forced renewal that returned the same string: DingTalk would return it again. */
const SAME_TOKEN_PAUSE_MS = 5 * MINUTE_MS;

export const ATTEMPTS_WINDOW_MS = 10 * MINUTE_MS;
/** Attempts beyond those that a token's life requires: for failures, tokens that die early, and connection tests. */
const ATTEMPTS_SPARE = 5;
const ATTEMPTS_CEILING = 60;

/**
 * DingTalk may return the same token with the remaining life, rounded by a second or two. An extension soon after the
 * last one moves the expiry by no more than the time between them, so half of that time counts as extended there.
 */
const EXTENDED_MS_MIN = MINUTE_MS;
const EXTENDED_SHARE_MIN = 1 / 2;

/** Lifetime of a string that outlived the longest life it should have. It is renewed soon. */
const OVERDUE_LIFE_MS = 2 * MINUTE_MS;

/** Back-off after consecutive transient failures. With jitter the last pause stays below ten minutes. */
const BACK_OFF_MS = [5_000, 15_000, MINUTE_MS, 2 * MINUTE_MS, 4 * MINUTE_MS, 500_000] as const;
/** Spreads the retries of apps that failed at the same time. */
const BACK_OFF_JITTER = 0.2;

export type JitteredTime = {
  readonly nowMs: number;
  readonly random: number;
};

/** Calls to the token endpoint that an app may make in any ten minutes, earlier calls included. */
export type AttemptLimits = {
  readonly all: number;
  /** For reports of a dead token. Leaves one attempt for the token's expiry. */
  readonly forced: number;
  /** For connection tests. Leaves one attempt for a report, so that no renewal waits because of a test. */
  readonly test: number;
};

type StatedLife = Pick<TokenRow, "obtainedAt" | "expiresAt" | "changedAt" | "notExtendedUntil">;

/** Returns the limits for a stated life: 6 attempts for 20 minutes or more, 25 for one minute, at most 60. */
export function attemptLimits({ obtainedAt, expiresAt, ...row }: StatedLife): AttemptLimits {
  // An expiry that wasn't extended is the rest of the string's life, so the life began with the string.
  const begunAt = row.notExtendedUntil ? row.changedAt : obtainedAt;
  const lifeMs = begunAt && expiresAt ? expiresAt.getTime() - begunAt.getTime() : Infinity;
  // Short-lived tokens are renewed at half their life.
  const needed = Math.max(1, Math.ceil((2 * ATTEMPTS_WINDOW_MS) / Math.max(1, lifeMs)));
  const all = Math.min(needed + ATTEMPTS_SPARE, ATTEMPTS_CEILING);
  return { all, forced: all - 1, test: all - 2 };
}

export const recentAttempts = (attemptedAt: readonly Date[], nowMs: number): number[] =>
  attemptedAt.map((at) => at.getTime()).filter((atMs) => nowMs - atMs <= ATTEMPTS_WINDOW_MS);

/** Returns when the next attempt fits under `attemptsMax`, or `nowMs` if it does already. */
export function nextAllowedMs(attemptedAt: readonly Date[], nowMs: number, attemptsMax: number): number {
  const recent = recentAttempts(attemptedAt, nowMs).sort((a, b) => b - a);
  const oldestThatCounts = recent[attemptsMax - 1];
  return oldestThatCounts === undefined ? nowMs : oldestThatCounts + ATTEMPTS_WINDOW_MS + 1;
}

export type TokenValue = { readonly value: string; readonly expiresAt: Date };
/** A token with the time at which DingTalk was asked for it. */
export type ObtainedToken = TokenValue & { readonly obtainedAt: Date };

export type NextRenewal = {
  readonly isNewString: boolean;
  /** A new string, or a later expiry of the same one. */
  readonly isNewVersion: boolean;
  readonly renewAt: Date;
  /** Set if DingTalk returned the same string and expiry, so that a renewal before then would change nothing. */
  readonly notExtendedUntil: Date | null;
};

/** Plans the renewal after an answer: 10 to 12 minutes before the expiry, or at half the life of a short-lived one. */
export function planNextRenewal(
  previous: ObtainedToken | null,
  answer: ObtainedToken,
  { nowMs, random }: JitteredTime,
): NextRenewal {
  const isNewString = previous?.value !== answer.value;
  // A new string has its own life, even if it ends with the old one.
  const isExtended = isNewString || !previous || hasMoved(previous, answer);
  if (!isExtended) {
    return {
      isNewString,
      isNewVersion: false,
      renewAt: answer.expiresAt,
      notExtendedUntil: answer.expiresAt,
    };
  }
  const lifeMs = answer.expiresAt.getTime() - nowMs;
  const early = Math.min(RENEW_BEFORE_MS + random * RENEW_JITTER_MS, lifeMs / 2);
  const waitMs = Math.max(
    lifeMs - early,
    ATTEMPTS_WINDOW_MS / attemptLimits({ ...answer, changedAt: null, notExtendedUntil: null }).all,
  );
  return { isNewString, isNewVersion: true, renewAt: new Date(nowMs + waitMs), notExtendedUntil: null };
}

function hasMoved(previous: ObtainedToken, answer: ObtainedToken): boolean {
  const movedMs = answer.expiresAt.getTime() - previous.expiresAt.getTime();
  const sinceMs = answer.obtainedAt.getTime() - previous.obtainedAt.getTime();
  return movedMs > 0 && movedMs >= Math.min(EXTENDED_MS_MIN, sinceMs * EXTENDED_SHARE_MIN);
}

/** The stored token before an answer, with the first receipt of its string. */
export type PreviousToken = ObtainedToken & { readonly changedAt: Date };

export type AnswerPlan = NextRenewal & {
  readonly expiresAt: Date;
  readonly isSameTokenForced: boolean;
  /** Earliest time of the next forced renewal; `null` leaves it unchanged. */
  readonly forceAfter: Date | null;
};

type Circumstances = {
  readonly askedAt: Date;
  readonly isForced: boolean;
  readonly lifeMsMax: number | null;
  readonly time: JitteredTime;
};

export function planAfterAnswer(
  previous: PreviousToken | null,
  answer: TokenValue,
  { askedAt, isForced, lifeMsMax, time }: Circumstances,
): AnswerPlan {
  const firstHadAt = previous?.value === answer.value ? previous.changedAt : askedAt;
  const expiresAt = boundExpiry(answer.expiresAt, { firstHadAt, lifeMsMax, nowMs: time.nowMs });
  const next = planNextRenewal(previous, { value: answer.value, expiresAt, obtainedAt: askedAt }, time);
  const isSameTokenForced = isForced && !next.isNewString;
  const forceAfter = isSameTokenForced ? new Date(time.nowMs + SAME_TOKEN_PAUSE_MS) : null;
  return { ...next, expiresAt, isSameTokenForced, forceAfter };
}

type Life = { readonly firstHadAt: Date; readonly lifeMsMax: number | null; readonly nowMs: number };

function boundExpiry(expiresAt: Date, { firstHadAt, lifeMsMax, nowMs }: Life): Date {
  if (lifeMsMax === null) return expiresAt;
  const lastMs = firstHadAt.getTime() + lifeMsMax;
  return new Date(Math.min(expiresAt.getTime(), lastMs > nowMs ? lastMs : nowMs + OVERDUE_LIFE_MS));
}

type LiveRow = StatedLife & Pick<TokenRow, "renewAt" | "attemptedAt"> & { readonly expiresAt: Date };

/** Returns until when a lease is served as it is: five minutes before its expiry, or until a renewal is possible. */
export function leaseFreshUntilMs(row: LiveRow, nowMs: number): number {
  const endMs = row.expiresAt.getTime();
  if (nowMs < endMs - LEASE_MS_MIN) return endMs - LEASE_MS_MIN;
  if (row.renewAt === null) return endMs;
  const dueMs = Math.max(row.renewAt.getTime(), row.notExtendedUntil?.getTime() ?? 0);
  return Math.min(endMs, Math.max(dueMs, nextAllowedMs(row.attemptedAt, nowMs, attemptLimits(row).all)));
}

export type FailureHistory = {
  /** Attempts, the failed one included. */
  readonly attemptedAt: readonly Date[];
  /** Consecutive failures before this one. */
  readonly failures: number;
  readonly attemptsMax: number;
};

/** Decides when a failed renewal is retried; `null` for never. No process asks DingTalk before that. */
export function nextRetryAt(error: DingtalkError, history: FailureHistory, time: JitteredTime): Date | null {
  switch (failureClassOf(error)) {
    case "credentials":
      return null;
    case "broken":
      return inMs(Math.min(HOUR_MS, MINUTE_MS * 2 ** history.failures), history, time);
    case "external":
      return inMs(PROBE_INTERVAL_MS, history, time);
    case "transient":
      return backOffUntil(history, error.retryAfterMs, time);
  }
}

/** @param retryAfterMs the pause that DingTalk asked for */
export function backOffUntil(history: FailureHistory, retryAfterMs: number | null, time: JitteredTime): Date {
  const pauseMs = BACK_OFF_MS[Math.min(history.failures, BACK_OFF_MS.length - 1)] ?? MINUTE_MS;
  return inMs(Math.max(pauseMs * (1 + BACK_OFF_JITTER * time.random), retryAfterMs ?? 0), history, time);
}

const inMs = (pauseMs: number, { attemptedAt, attemptsMax }: FailureHistory, { nowMs }: JitteredTime): Date =>
  new Date(Math.max(nowMs + pauseMs, nextAllowedMs(attemptedAt, nowMs, attemptsMax)));
