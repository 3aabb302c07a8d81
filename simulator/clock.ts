/** The simulator's time. Token lifetimes, throttles and call times are measured by it, so tests need no sleeps. */
export type Clock = {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Moves the time on at once. */
  advance(ms: number): void;
};

/** Goes on with the machine's clock, plus whatever it was advanced by. */
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

/** Stands still unless it is advanced. */
export function frozenClock(startAt = FROZEN_AT): Clock {
  let at = startAt;
  return {
    now: () => at,
    advance: (ms) => {
      at += ms;
    },
  };
}
