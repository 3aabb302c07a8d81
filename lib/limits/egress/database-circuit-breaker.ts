import type { Clock } from "./clock";

/** Longer than a healthy database needs. */
const ANSWER_MS_MAX = 1_000;
const REST_MS = 2_000;

/** Queries a database that may be away: waits for an answer for at most one second, and pauses for two after a failure. */
export class CircuitBreaker {
  readonly #clock: Clock;
  readonly #onAway: (error: unknown) => void;
  #restsUntil = -Infinity;

  constructor(clock: Clock, onAway: (error: unknown) => void) {
    this.#clock = clock;
    this.#onAway = onAway;
  }

  /** @returns `null` if no answer arrives in time */
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
