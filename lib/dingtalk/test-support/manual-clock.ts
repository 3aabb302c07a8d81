import type { Sleep } from "../time-limit";

type Sleeper = { readonly ms: number; readonly untilMs: number; readonly wake: () => void };

/** A clock that stands still until `advance` moves it and ends the sleeps that are over. */
export function manualClock() {
  const sleepers = new Set<Sleeper>();
  let nowMs = Date.UTC(2026, 0, 1);
  const sleep: Sleep = (ms, signal) =>
    new Promise((resolve, reject) => {
      const done = () => {
        sleepers.delete(sleeper);
        signal?.removeEventListener("abort", stop);
      };
      const wake = () => {
        done();
        resolve();
      };
      const sleeper = { ms, untilMs: nowMs + ms, wake };
      const stop = () => {
        done();
        reject(signal?.reason as Error);
      };
      if (signal?.aborted) return stop();
      signal?.addEventListener("abort", stop);
      sleepers.add(sleeper);
    });
  return {
    now: () => nowMs,
    sleep,
    /** Lengths of the sleeps that are not over, in milliseconds. */
    sleeping: () => [...sleepers].map(({ ms }) => ms),
    advance(ms: number): void {
      nowMs += ms;
      for (const { untilMs, wake } of sleepers) if (untilMs <= nowMs) wake();
    },
  };
}
