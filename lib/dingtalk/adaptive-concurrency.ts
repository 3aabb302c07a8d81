const LATENCY_MS_FIRST = 250;
const NEWEST_WEIGHT = 0.1;
const AT_ONCE_MIN = 5;
/** Stays below the connections per host (50). More calls would not speed up an API that slow. */
const AT_ONCE_MAX = 40;

/** Computes how many concurrent calls use an app's whole rate limit, from the observed latency. */
export class AdaptiveConcurrency {
  readonly #callsPerSecond: number;
  #latencyMs = LATENCY_MS_FIRST;

  constructor(callsPerSecond: number) {
    this.#callsPerSecond = callsPerSecond;
  }

  observe(durationMs: number): void {
    this.#latencyMs += NEWEST_WEIGHT * (durationMs - this.#latencyMs);
  }

  get count(): number {
    const needed = Math.ceil((this.#callsPerSecond * this.#latencyMs) / 1_000) + 1;
    return Math.min(AT_ONCE_MAX, Math.max(AT_ONCE_MIN, needed));
  }
}
