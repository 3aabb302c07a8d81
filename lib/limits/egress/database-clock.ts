import type { Clock } from "./clock";

/** A query that returned the database's time. `sentAt` and `receivedAt` are this process's clock. */
export type Reading = { readonly sentAt: number; readonly databaseNow: number; readonly receivedAt: number };

type Sample = { readonly offset: number; readonly tripMs: number; readonly takenAt: number };

const SAMPLE_MS_MAX = 60_000;
const TRIPS_KEPT = 8;
/** Upper bound of the expected delay of an answer. */
const AHEAD_MS_MAX = 250;
const AHEAD_MS_FIRST = 5;

/**
 * Estimates the database's clock, by which processes agree on times: the midpoint of the shortest round trip of the
 * last minute. A sample that contradicts it means that a clock was set.
 */
export class DatabaseClock {
  readonly #clock: Clock;
  readonly #wallOffset: number;
  #best: Sample | null = null;
  #trips: number[] = [];

  /** @param wallNow wall clock of this process, in milliseconds since the epoch; used until the first query */
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

  /** Returns the longest recent delay of an answer. Times that are used on its arrival must lie beyond it. */
  get aheadMs(): number {
    if (this.#trips.length === 0) return AHEAD_MS_FIRST;
    return Math.min(AHEAD_MS_MAX, Math.max(...this.#trips) / 2 + 1);
  }

  /** Converts a database time, in milliseconds since the epoch, to this process's clock. */
  toOurs(databaseMs: number): number {
    return databaseMs + this.#offset;
  }

  /** Returns the database's time, in milliseconds since the epoch; before the first query the wall clock of this process. */
  now(): number {
    return this.#clock.now() - this.#offset;
  }

  get #offset(): number {
    return this.#best?.offset ?? this.#wallOffset;
  }
}
