import "server-only";
import { pool } from "@/lib/db/connection-pools";
import { processWide } from "@/lib/process-wide";
import type { Clock } from "./egress/clock";
import type { CircuitBreaker } from "./egress/database-circuit-breaker";
import type { DatabaseClock } from "./egress/database-clock";
import { Demand } from "./egress/demand";
import { ourShare } from "./egress/our-limiter";
import { hashedKey } from "./hashed-key";
import { PROCESSES_ASSUMED } from "./numbers";

export type RateOutcome = {
  readonly isAllowed: boolean;
  readonly limit: number;
  /** Requests that are left in this minute, as far as this process knows. */
  readonly remaining: number;
  readonly resetSeconds: number;
};

export type KeyRateTools = {
  readonly clock: Clock;
  readonly database: DatabaseClock;
  readonly breaker: CircuitBreaker;
  /**
   * Adds `count` to the requests of the minute after `aheadMs`. May reject.
   * @returns the minute, its requests including these, and the database's time
   */
  readonly lease: (
    keyId: string,
    count: number,
    aheadMs: number,
  ) => Promise<{ readonly minute: number; readonly requests: number; readonly now: number }>;
};

type Minute = { left: number; taken: number; all: number; isFull: boolean };

type Entry = {
  readonly keyId: string;
  readonly demand: Demand;
  readonly minutes: Map<number, Minute>;
  leasing: Promise<void> | null;
  waiting: number;
};

const MINUTE_MS = 60_000;
const ENTRIES_BEFORE_SWEEP = 10_000;
const NEXT_MINUTE_MS = 3_000;
/** A process leases what it needs for this long, within these shares of the minute's requests. */
const AHEAD_SECONDS = 3;
const CHUNK_SHARE_MIN = 0.01;
const CHUNK_SHARE_MAX = 0.04;

export class KeyRates {
  readonly #tools: KeyRateTools;
  readonly #entries = new Map<string, Entry>();

  constructor(tools: KeyRateTools) {
    this.#tools = tools;
  }

  /** Counts one request. Returns a promise only if this process has no leased requests left. */
  take(keyId: string, perMinute: number): RateOutcome | Promise<RateOutcome> {
    const entry = this.#entryOf(keyId);
    entry.demand.count(this.#tools.clock.now());
    return this.#tryTake(entry, perMinute) ?? this.#takeLater(entry, perMinute);
  }

  #tryTake(entry: Entry, limit: number): RateOutcome | null {
    const databaseNow = this.#tools.database.now();
    const present = Math.floor(databaseNow / MINUTE_MS);
    const minute = minuteOf(entry, present);
    if (minute.left === 0 && !minute.isFull) return null;
    const isAllowed = minute.left > 0;
    if (isAllowed) minute.left -= 1;
    const toNextMs = (present + 1) * MINUTE_MS - databaseNow;
    this.#leaseAhead(entry, { limit, minute, present, toNextMs });
    return {
      isAllowed,
      limit,
      remaining: isAllowed ? minute.left + Math.max(0, limit - minute.all) : 0,
      resetSeconds: Math.max(1, Math.ceil(toNextMs / 1_000)),
    };
  }

  #leaseAhead(
    entry: Entry,
    {
      limit,
      minute,
      present,
      toNextMs,
    }: { limit: number; minute: Minute; present: number; toNextMs: number },
  ): void {
    if (entry.leasing) return;
    if (toNextMs < NEXT_MINUTE_MS && !entry.minutes.has(present + 1))
      void this.#lease(entry, limit, toNextMs + 1);
    else if (!minute.isFull && minute.left * 4 < this.#chunkOf(entry, limit, minute))
      void this.#lease(entry, limit, 0);
  }

  async #takeLater(entry: Entry, limit: number): Promise<RateOutcome> {
    entry.waiting += 1;
    try {
      for (;;) {
        await (entry.leasing ?? this.#lease(entry, limit, 0));
        const taken = this.#tryTake(entry, limit);
        if (taken) return taken;
      }
    } finally {
      entry.waiting -= 1;
    }
  }

  /** A process that uses most of the minute leases more at once; among many, each leases little so that none runs dry. */
  #chunkOf(entry: Entry, limit: number, { taken, all }: Minute): number {
    const share = all === 0 ? 0 : taken / all;
    const most = limit * Math.max(CHUNK_SHARE_MIN, CHUNK_SHARE_MAX * share);
    const wanted = Math.max(
      limit * CHUNK_SHARE_MIN,
      entry.demand.perSecond(this.#tools.clock.now()) * AHEAD_SECONDS,
    );
    return Math.max(1, Math.floor(Math.min(wanted, most)));
  }

  #lease(entry: Entry, limit: number, aheadMs: number): Promise<void> {
    entry.leasing ??= this.#leaseOnce(entry, limit, aheadMs).finally(() => {
      entry.leasing = null;
    });
    return entry.leasing;
  }

  async #leaseOnce(entry: Entry, limit: number, aheadMs: number): Promise<void> {
    const { clock, database, breaker, lease } = this.#tools;
    const wanted = Math.floor((database.now() + aheadMs) / MINUTE_MS);
    // Requests of the same event loop turn are then counted as waiting.
    await Promise.resolve();
    const count = Math.max(
      this.#chunkOf(entry, limit, minuteOf(entry, wanted)),
      aheadMs === 0 ? entry.waiting : 0,
    );
    const sentAt = clock.now();
    const answer = await breaker.ask(() => lease(entry.keyId, count, aheadMs));
    if (answer) database.observe({ sentAt, databaseNow: answer.now, receivedAt: clock.now() });
    const minute = minuteOf(entry, answer?.minute ?? wanted);
    const all = answer?.requests ?? assumedRequests(minute, limit, count);
    const got = Math.max(0, Math.min(count, limit - (all - count)));
    minute.left += got;
    minute.taken += got;
    minute.all = all;
    minute.isFull = all >= limit;
  }

  #entryOf(keyId: string): Entry {
    const known = this.#entries.get(keyId);
    if (known) return known;
    if (this.#entries.size >= ENTRIES_BEFORE_SWEEP) this.#sweep();
    const entry: Entry = {
      keyId,
      demand: new Demand(),
      minutes: new Map(),
      leasing: null,
      waiting: 0,
    };
    this.#entries.set(keyId, entry);
    return entry;
  }

  #sweep(): void {
    const present = Math.floor(this.#tools.database.now() / MINUTE_MS);
    for (const [keyId, { minutes, leasing }] of this.#entries) {
      if (leasing === null && !minutes.has(present)) this.#entries.delete(keyId);
    }
  }
}

function minuteOf({ minutes }: Entry, number: number): Minute {
  const known = minutes.get(number);
  if (known) return known;
  for (const old of minutes.keys()) if (old < number - 1) minutes.delete(old);
  const minute: Minute = { left: 0, taken: 0, all: 0, isFull: false };
  minutes.set(number, minute);
  return minute;
}

/** Returns the minute's requests on the assumption that the other processes used all but the part of this process. */
function assumedRequests({ all }: Minute, limit: number, count: number): number {
  const others = limit - Math.ceil(limit / PROCESSES_ASSUMED);
  return Math.max(all, others) + count;
}

const LEASE = `
  WITH clock AS MATERIALIZED (SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now)
  INSERT INTO request_minute AS m (key, minute, requests) SELECT $1, floor((now + $3::float8) / 60000), $2::int FROM clock
  ON CONFLICT (key, minute) DO UPDATE SET requests = m.requests + excluded.requests
  RETURNING minute::float8, requests, (SELECT now FROM clock)`;

const keyRates = () =>
  processWide(
    "limiter.requests",
    () =>
      new KeyRates({
        ...ourShare(),
        async lease(keyId, count, aheadMs) {
          const key = await hashedKey(`requests:${keyId}`);
          const { rows } = await pool().query<{ minute: number; requests: number; now: number }>(LEASE, [
            key,
            count,
            aheadMs,
          ]);
          if (!rows[0]) throw new Error("a lease has no row");
          return rows[0];
        },
      }),
  );

/**
 * Counts a request of an API key against its requests per minute, in whole minutes of the database's clock. A process
 * leases requests ahead, so most calls return at once. While the database is away each admits a quarter.
 * @param keyId id of the key; only its HMAC is stored
 */
export const takeRequest = (keyId: string, perMinute: number): RateOutcome | Promise<RateOutcome> =>
  keyRates().take(keyId, perMinute);
