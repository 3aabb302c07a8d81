import { AppError } from "@/lib/errors";

const WAITING_MAX_KEY = 100;
const WAITING_MAX = 2_000;
const RETRY_AFTER_SECONDS = 5;

/** Counts those who wait for something at this server, so that they can't become too many (S30). */
export class Waiting {
  readonly #byKey = new Map<string, number>();
  #all = 0;

  /** How many wait now. */
  get count(): number {
    return this.#all;
  }

  /**
   * @param key whose waiting it is
   * @returns what ends it; may be called again
   * @throws {AppError} `rate_limited` at a hundred of one key, `unavailable` at 2,000 of all
   */
  enter(key: string): () => void {
    const own = this.#byKey.get(key) ?? 0;
    const retry = { retryAfterSeconds: RETRY_AFTER_SECONDS };
    if (own >= WAITING_MAX_KEY) throw new AppError("rate_limited", "too many wait with this key", retry);
    if (this.#all >= WAITING_MAX) throw new AppError("unavailable", "too many wait at this server", retry);
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
