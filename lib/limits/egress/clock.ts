/** A monotonic clock in milliseconds, with timers. Tests use a virtual one. */
export type Clock = {
  now(): number;
  /** Runs `work` at or soon after a time. @returns a function that cancels it */
  at(timeMs: number, work: () => void): () => void;
};

export const systemClock: Clock = {
  now: () => performance.now(),
  at(timeMs, work) {
    const timer = setTimeout(work, Math.ceil(Math.max(0, timeMs - performance.now())));
    return () => clearTimeout(timer);
  },
};
