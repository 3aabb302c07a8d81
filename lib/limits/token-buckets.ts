type Budget = { tokens: number; atMs: number };

type Options = {
  /** Tokens that come back in a second. */
  readonly perSecond: number;
  /** Tokens of a budget that was not used lately. */
  readonly burst: number;
};

/** An attacker who brings more keys than this makes the oldest budgets full again, and memory stays bounded. */
const KEYS_MAX = 20_000;

/** A token bucket for each key, in the memory of one process. */
export class RequestBudgets {
  readonly #options: Options;
  /** The least recently used first. */
  readonly #budgets = new Map<string, Budget>();

  constructor(options: Options) {
    this.#options = options;
  }

  /** Takes `cost` tokens if they are there. @returns milliseconds until they are; 0 when they were taken */
  take(key: string, cost: number, nowMs: number): number {
    const waitMs = this.waitMs(key, cost, nowMs);
    if (waitMs > 0) return waitMs;
    const tokens = this.#tokensOf(key, nowMs) - cost;
    this.#budgets.delete(key);
    this.#budgets.set(key, { tokens, atMs: nowMs });
    for (const oldest of this.#budgets.keys()) {
      if (this.#budgets.size <= KEYS_MAX) break;
      this.#budgets.delete(oldest);
    }
    return 0;
  }

  /** Returns the milliseconds until `cost` tokens are there; 0 when they are. */
  waitMs(key: string, cost: number, nowMs: number): number {
    const missing = cost - this.#tokensOf(key, nowMs);
    return missing <= 0 ? 0 : (missing / this.#options.perSecond) * 1_000;
  }

  #tokensOf(key: string, nowMs: number): number {
    const { perSecond, burst } = this.#options;
    const { tokens, atMs } = this.#budgets.get(key) ?? { tokens: burst, atMs: nowMs };
    return Math.min(burst, tokens + ((nowMs - atMs) / 1_000) * perSecond);
  }
}
