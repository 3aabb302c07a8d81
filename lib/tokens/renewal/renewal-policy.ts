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

export const ATTEMPTS_WINDOW_MS = 10 * MINUTE_MS;
/** Beside the renewals that a token's life needs: for failures, tokens that die early, and tests. */
const ATTEMPTS_SPARE = 5;
/** Whatever life DingTalk states. */
const ATTEMPTS_CEILING = 60;

/** How often an app may ask for a token in any ten minutes, with what was asked before. */
export type AttemptLimits = {
  readonly all: number;
  /** For calls that report a dead token; one attempt is kept for the token's expiry. */
  readonly forced: number;
  /** For connection tests, which leave one to such a call: no renewal waits because a person tested. */
  readonly test: number;
};

type Stated = {
  readonly obtainedAt: Date | null;
  readonly expiresAt: Date | null;
  /** When the present string was first had. */
  readonly changedAt: Date | null;
  /** Set while the last answer was what remains of the string's life, which is no life of its own. */
  readonly notExtendedUntil: Date | null;
};

/**
 * Returns the limits that follow from the life that DingTalk stated: six attempts in ten minutes for a token that lives
 * twenty minutes or more, or where nothing is known; 25 for one that lives a minute; 60 at most.
 */
export function attemptLimits({ obtainedAt, expiresAt, ...row }: Stated): AttemptLimits {
  const begunAt = row.notExtendedUntil ? row.changedAt : obtainedAt;
  const lifeMs = begunAt && expiresAt ? expiresAt.getTime() - begunAt.getTime() : Infinity;
  // Renewed at half its life.
  const needed = Math.max(1, Math.ceil((2 * ATTEMPTS_WINDOW_MS) / Math.max(1, lifeMs)));
  const all = Math.min(needed + ATTEMPTS_SPARE, ATTEMPTS_CEILING);
  return { all, forced: all - 1, test: all - 2 };
}

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
 * A token that lives less than twenty minutes is renewed at half its life, but not more often than its attempts allow.
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
  const waitMs = Math.max(
    lifeMs - early,
    ATTEMPTS_WINDOW_MS / attemptLimits({ ...answer, changedAt: null, notExtendedUntil: null }).all,
  );
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
