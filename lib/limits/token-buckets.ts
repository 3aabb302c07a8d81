type Bucket = { tokens: number; atMs: number };

type Options = {
  readonly perSecond: number;
  readonly burst: number;
};

/** Bounds the memory. Beyond it the least recently used buckets are forgotten, that is, full again. */
const KEYS_MAX = 20_000;

export class TokenBuckets {
  readonly #options: Options;
  /** The least recently used first. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(options: Options) {
    this.#options = options;
  }

  /** Takes `cost` tokens if the bucket has them. @returns 0 if they were taken, else milliseconds until they can be */
  take(key: string, cost: number, nowMs: number): number {
    const waitMs = this.waitMs(key, cost, nowMs);
    if (waitMs > 0) return waitMs;
    const tokens = this.#tokensOf(key, nowMs) - cost;
    this.#buckets.delete(key);
    this.#buckets.set(key, { tokens, atMs: nowMs });
    for (const oldest of this.#buckets.keys()) {
      if (this.#buckets.size <= KEYS_MAX) break;
      this.#buckets.delete(oldest);
    }
    return 0;
  }

  waitMs(key: string, cost: number, nowMs: number): number {
    const missing = cost - this.#tokensOf(key, nowMs);
    return missing <= 0 ? 0 : (missing / this.#options.perSecond) * 1_000;
  }

  #tokensOf(key: string, nowMs: number): number {
    const { perSecond, burst } = this.#options;
    const { tokens, atMs } = this.#buckets.get(key) ?? { tokens: burst, atMs: nowMs };
    return Math.min(burst, tokens + ((nowMs - atMs) / 1_000) * perSecond);
  }
}
