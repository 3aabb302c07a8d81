const MINUTE_MS = 60_000;

/** So early that a renewal may fail several times before a reader would notice. */
const RENEW_BEFORE_MS = 10 * MINUTE_MS;
/** Apps that were connected together are not renewed together. */
const RENEW_JITTER_MS = 2 * MINUTE_MS;
/**
 * DingTalk may give the same token with what remains of its life; a second or two more is rounding. One that it
 * extends soon after it gave it out moves by no more than that time, so half of it is enough there.
 */
const EXTENDED_MS_MIN = MINUTE_MS;
const EXTENDED_SHARE_MIN = 1 / 2;

/** No app asks for a token more than six times in any ten minutes, whatever DingTalk answers. */
export const ATTEMPTS_WINDOW_MS = 10 * MINUTE_MS;
export const ATTEMPTS_MAX = 6;
/** Calls that report a dead token may use up all but one, which is kept for the token's expiry. */
export const ATTEMPTS_FORCED_MAX = ATTEMPTS_MAX - 1;
/** Connection tests leave one to such a call, too: no renewal waits because a person tested. */
export const ATTEMPTS_TEST_MAX = ATTEMPTS_FORCED_MAX - 1;

export type Moment = {
  readonly nowMs: number;
  /** 0 up to 1. */
  readonly random: number;
};

export type TokenText = { readonly value: string; readonly expiresAt: Date };
/** With when DingTalk was asked for it. */
export type AnsweredToken = TokenText & { readonly obtainedAt: Date };

export type RenewalPlan = {
  /** Whether the string is another one. */
  readonly isNewString: boolean;
  /** Whether there is more life than before: a new string, or an expiry that moved. */
  readonly isNewVersion: boolean;
  readonly renewAt: Date;
  /** Set when DingTalk gave the same string and no more life: asking again before then is of no use. */
  readonly notExtendedUntil: Date | null;
};

/**
 * What follows from DingTalk's answer.
 *
 * A token that lives less than twenty minutes is renewed at half its life, but by itself not more often than
 * the six attempts in ten minutes allow.
 */
export function renewalPlan(
  previous: AnsweredToken | null,
  answer: AnsweredToken,
  { nowMs, random }: Moment,
): RenewalPlan {
  const isNewString = previous?.value !== answer.value;
  // A new string has a life of its own: that it ends when the old one would have is no refusal to extend.
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
  const waitMs = Math.max(lifeMs - early, ATTEMPTS_WINDOW_MS / ATTEMPTS_MAX);
  return { isNewString, isNewVersion: true, renewAt: new Date(nowMs + waitMs), notExtendedUntil: null };
}

function hasMoved(previous: AnsweredToken, answer: AnsweredToken): boolean {
  const movedMs = answer.expiresAt.getTime() - previous.expiresAt.getTime();
  const sinceMs = answer.obtainedAt.getTime() - previous.obtainedAt.getTime();
  return movedMs > 0 && movedMs >= Math.min(EXTENDED_MS_MIN, sinceMs * EXTENDED_SHARE_MIN);
}

/** The attempts that still count. */
export const recentAttempts = (attemptedAt: readonly Date[], nowMs: number): number[] =>
  attemptedAt.map((at) => at.getTime()).filter((atMs) => nowMs - atMs <= ATTEMPTS_WINDOW_MS);

/** When the next attempt fits under `attemptsMax`; now, if it does already. */
export function nextAllowedMs(attemptedAt: readonly Date[], nowMs: number, attemptsMax: number): number {
  const recent = recentAttempts(attemptedAt, nowMs).sort((a, b) => b - a);
  const oldestThatCounts = recent[attemptsMax - 1];
  return oldestThatCounts === undefined ? nowMs : oldestThatCounts + ATTEMPTS_WINDOW_MS + 1;
}
