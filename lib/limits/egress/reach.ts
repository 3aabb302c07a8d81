import type { Clock } from "./clock";

/** Longer than a healthy database takes, and short enough to wait for. */
const ANSWER_MS_MAX = 1_000;
const REST_MS = 2_000;

/**
 * The way to a database that may be away: nobody waits for it longer than a second, and after it was away it is left
 * alone for two.
 */
export class Reach {
  readonly #clock: Clock;
  readonly #onAway: (error: unknown) => void;
  #restsUntil = -Infinity;

  constructor(clock: Clock, onAway: (error: unknown) => void) {
    this.#clock = clock;
    this.#onAway = onAway;
  }

  /** @returns `null` when there is no answer, in time or at all */
  async ask<T extends object>(question: () => Promise<T>): Promise<T | null> {
    if (this.#clock.now() < this.#restsUntil) return null;
    const late = Promise.withResolvers<never>();
    const cancel = this.#clock.at(this.#clock.now() + ANSWER_MS_MAX, () =>
      late.reject(new Error(`no answer within ${ANSWER_MS_MAX} ms`)),
    );
    try {
      return await Promise.race([question(), late.promise]);
    } catch (error) {
      if (this.#clock.now() >= this.#restsUntil) this.#onAway(error);
      this.#restsUntil = this.#clock.now() + REST_MS;
      return null;
    } finally {
      cancel();
    }
  }
}
