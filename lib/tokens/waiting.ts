import { AppError } from "@/lib/errors";

const RETRY_AFTER_SECONDS = 5;

export type WaitingLimits = { readonly ofKey: number; readonly ofAll: number };

/** Counts those who wait for something at this server, so that they can't become too many (S30). */
export class Waiting {
  readonly #limits: WaitingLimits;
  readonly #byKey = new Map<string, number>();
  #all = 0;

  constructor(limits: WaitingLimits = { ofKey: 100, ofAll: 2_000 }) {
    this.#limits = limits;
  }

  /** How many wait now. */
  get count(): number {
    return this.#all;
  }

  /**
   * @param key whose waiting it is
   * @returns what ends it; may be called again
   * @throws {AppError} `rate_limited` when one key has all that it may, `unavailable` at the limit of all
   */
  enter(key: string): () => void {
    const own = this.#byKey.get(key) ?? 0;
    const retry = { retryAfterSeconds: RETRY_AFTER_SECONDS };
    if (own >= this.#limits.ofKey) throw new AppError("rate_limited", "too many wait with this key", retry);
    if (this.#all >= this.#limits.ofAll)
      throw new AppError("unavailable", "too many wait at this server", retry);
    this.#byKey.set(key, own + 1);
    this.#all += 1;
    let isIn = true;
    return () => {
      if (isIn) this.#leave(key);
      isIn = false;
    };
  }

  #leave(key: string): void {
    const left = (this.#byKey.get(key) ?? 0) - 1;
    if (left > 0) this.#byKey.set(key, left);
    else this.#byKey.delete(key);
    this.#all -= 1;
  }
}
