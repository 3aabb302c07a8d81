/** A clock that only moves forward, in milliseconds from any beginning, and what it wakes. Tests have their own. */
export type Clock = {
  now(): number;
  /** Runs `work` at a time, or as soon as it can after it. @returns what takes it back */
  at(timeMs: number, work: () => void): () => void;
};

export const systemClock: Clock = {
  now: () => performance.now(),
  at(timeMs, work) {
    const timer = setTimeout(work, Math.ceil(Math.max(0, timeMs - performance.now())));
    return () => clearTimeout(timer);
  },
};
