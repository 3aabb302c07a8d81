import type { Clock } from "./clock";

/** A question to the database that was answered with its time; the first and the last by our own clock. */
export type Reading = { readonly sentAt: number; readonly databaseNow: number; readonly receivedAt: number };

type Sample = { readonly offset: number; readonly tripMs: number; readonly takenAt: number };

const SAMPLE_MS_MAX = 60_000;
const TRIPS_KEPT = 8;
/** Nobody plans further ahead for an answer than this. */
const AHEAD_MS_MAX = 250;
const AHEAD_MS_FIRST = 5;

/**
 * The database's clock as this process can tell it: processes on several machines speak of times by it.
 *
 * Each answer says what time it was there at some moment between question and answer, so the middle is wrong by half of
 * the way at most. The shortest way of the last minute counts. One that contradicts it means that a clock was set.
 */
export class DatabaseClock {
  readonly #clock: Clock;
  readonly #wallOffset: number;
  #best: Sample | null = null;
  #trips: number[] = [];

  /** @param wallNow our own wall clock, in milliseconds since the epoch: it stands in until the database was asked */
  constructor(clock: Clock, wallNow: number = Date.now()) {
    this.#clock = clock;
    this.#wallOffset = clock.now() - wallNow;
  }

  observe({ sentAt, databaseNow, receivedAt }: Reading): void {
    const tripMs = receivedAt - sentAt;
    this.#trips = [...this.#trips.slice(1 - TRIPS_KEPT), tripMs];
    const sample: Sample = {
      offset: (sentAt + receivedAt) / 2 - databaseNow,
      tripMs,
      takenAt: receivedAt,
    };
    const best = this.#best;
    const isBetter = best === null || tripMs <= best.tripMs || receivedAt - best.takenAt > SAMPLE_MS_MAX;
    const isContrary =
      best !== null && Math.abs(best.offset - sample.offset) > (best.tripMs + tripMs) / 2 + 1;
    if (isBetter || isContrary) this.#best = sample;
  }

  /** How long an answer is under way at most, as far as was seen: what is to be used then must not be over by then. */
  get aheadMs(): number {
    if (this.#trips.length === 0) return AHEAD_MS_FIRST;
    return Math.min(AHEAD_MS_MAX, Math.max(...this.#trips) / 2 + 1);
  }

  /** A time of the database's, in milliseconds since the epoch, by this process's clock. */
  toOurs(databaseMs: number): number {
    return databaseMs + this.#offset;
  }

  /** The time there now, in milliseconds since the epoch; our own wall clock's before it was ever asked. */
  now(): number {
    return this.#clock.now() - this.#offset;
  }

  get #offset(): number {
    return this.#best?.offset ?? this.#wallOffset;
  }
}
