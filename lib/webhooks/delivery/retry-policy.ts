const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Pauses before the second and later attempts, as Standard Webhooks recommends. */
const PAUSES_MS = [
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  10 * HOUR_MS,
] as const;

/** Pauses grow by up to this share at random, so that deliveries that failed together aren't repeated together. */
const JITTER = 0.1;
const RETRY_AFTER_MS_MAX = DAY_MS;
const FAILING_MS_MAX = 5 * DAY_MS;
const ROUND_PAUSE_MS = { first: 5 * SECOND_MS, longest: 5 * MINUTE_MS };

type FailedAttempt = {
  /** Attempts so far, including the failed one. */
  readonly attempts: number;
  readonly atMs: number;
  readonly retryAfterMs: number | null;
  /** From 0 up to, but not including, 1. */
  readonly random: number;
};

/** Returns the time of the next attempt; `null` after the eighth. */
export function nextAttemptAt({ attempts, atMs, retryAfterMs, random }: FailedAttempt): Date | null {
  const pauseMs = PAUSES_MS[attempts - 1];
  if (pauseMs === undefined) return null;
  const jitteredMs = Math.round(pauseMs * (1 + JITTER * random));
  return new Date(atMs + Math.max(jitteredMs, Math.min(retryAfterMs ?? 0, RETRY_AFTER_MS_MAX)));
}

/** Returns whether an endpoint has failed for so long that it is disabled. */
export const isGivenUp = (failingSince: Date, atMs: number): boolean =>
  atMs - failingSince.getTime() >= FAILING_MS_MAX;

/**
 * Returns how long all deliveries to an endpoint wait after a round in which none succeeded. A dead endpoint would
 * otherwise cost a time limit for each new event.
 */
export const pauseAfterRounds = (failedRounds: number): number =>
  Math.min(ROUND_PAUSE_MS.first * 2 ** (failedRounds - 1), ROUND_PAUSE_MS.longest);
