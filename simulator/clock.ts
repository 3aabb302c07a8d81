/** Clock of token lifetimes, throttles and call times, so that tests need no sleeps. */
export type Clock = {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Moves the time forward at once. */
  advance(ms: number): void;
};

/** Returns a clock that follows the machine's clock, plus the time by which it was advanced. */
export function runningClock(): Clock {
  let offsetMs = 0;
  return {
    now: () => Date.now() + offsetMs,
    advance: (ms) => {
      offsetMs += ms;
    },
  };
}

const FROZEN_AT = Date.UTC(2026, 0, 5, 1, 0, 0);

/** Returns a clock that stands still unless it is advanced. */
export function frozenClock(startAt = FROZEN_AT): Clock {
  let at = startAt;
  return {
    now: () => at,
    advance: (ms) => {
      at += ms;
    },
  };
}
