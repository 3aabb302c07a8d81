/** DingTalk's usual 250 ms, until an answer was seen. */
const LATENCY_MS_FIRST = 250;
/** What one answer changes of what is known. */
const WEIGHT = 0.1;
const AT_ONCE_MIN = 5;
/** Within the connections to a host; an API that answers this slowly is not helped by more. */
const AT_ONCE_MAX = 40;

/**
 * How many calls of an app have to be under way at once to use up its rate: as many as are sent while one answer is
 * awaited, and one that waits for its turn.
 */
export class CallsAtOnce {
  readonly #callsPerSecond: number;
  #latencyMs = LATENCY_MS_FIRST;

  constructor(callsPerSecond: number) {
    this.#callsPerSecond = callsPerSecond;
  }

  /** @param durationMs of one exchange, without the wait for its turn */
  observe(durationMs: number): void {
    this.#latencyMs += WEIGHT * (durationMs - this.#latencyMs);
  }

  get count(): number {
    const needed = Math.ceil((this.#callsPerSecond * this.#latencyMs) / 1_000) + 1;
    return Math.min(AT_ONCE_MAX, Math.max(AT_ONCE_MIN, needed));
  }
}
