import type { Clock } from "./egress/clock";
import type { DatabaseClock } from "./egress/database-clock";
import { Demand } from "./egress/demand";
import type { Reach } from "./egress/reach";

/** What a request was told. */
export type Taken = {
  readonly isAllowed: boolean;
  /** Requests a minute. */
  readonly limit: number;
  /** How many more would be let through in this minute, as far as this server knows. */
  readonly remaining: number;
  /** Seconds until the minute is over, 1 or more. */
  readonly resetSeconds: number;
};

export type RequestTools = {
  readonly clock: Clock;
  readonly database: DatabaseClock;
  readonly reach: Reach;
  /**
   * Adds `count` to the requests of the minute in which the database will be in `aheadMs`. It may reject.
   * @returns that minute, all that were added to it, and the database's time
   */
  readonly lease: (
    keyId: string,
    count: number,
    aheadMs: number,
  ) => Promise<{ readonly minute: number; readonly requests: number; readonly now: number }>;
};

/** One minute's requests of a key, as this server knows them. */
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
/** What a server takes at once is what it needs for this long, within these parts of the minute's requests. */
const AHEAD_SECONDS = 3;
const CHUNK_SHARE_MIN = 0.01;
const CHUNK_SHARE_MAX = 0.04;
/** Without a database each server lets this part through, for there may be as many servers. */
const STAND_IN_SHARE = 4;

/** The requests a minute of all keys in this process. */
export class RequestRates {
  readonly #tools: RequestTools;
  readonly #entries = new Map<string, Entry>();

  constructor(tools: RequestTools) {
    this.#tools = tools;
  }

  /** Counts one request; a promise only where this server has none of the minute's left. */
  take(keyId: string, perMinute: number): Taken | Promise<Taken> {
    const entry = this.#entryOf(keyId);
    entry.demand.count(this.#tools.clock.now());
    return this.#tryTake(entry, perMinute) ?? this.#takeLater(entry, perMinute);
  }

  #tryTake(entry: Entry, limit: number): Taken | null {
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

  async #takeLater(entry: Entry, limit: number): Promise<Taken> {
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

  /** One server takes more at once than one of many, or those of the others would run dry while it has some left. */
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
    const { clock, database, reach, lease } = this.#tools;
    const wanted = Math.floor((database.now() + aheadMs) / MINUTE_MS);
    // Whoever comes in the same breath is counted among those who wait.
    await Promise.resolve();
    const count = Math.max(
      this.#chunkOf(entry, limit, minuteOf(entry, wanted)),
      aheadMs === 0 ? entry.waiting : 0,
    );
    const sentAt = clock.now();
    const answer = await reach.ask(() => lease(entry.keyId, count, aheadMs));
    if (answer) database.observe({ sentAt, databaseNow: answer.now, receivedAt: clock.now() });
    const minute = minuteOf(entry, answer?.minute ?? wanted);
    const all = answer?.requests ?? standInFor(minute, limit, count);
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

/** As if the others had taken all but this server's part. */
function standInFor({ all }: Minute, limit: number, count: number): number {
  const others = limit - Math.ceil(limit / STAND_IN_SHARE);
  return Math.max(all, others) + count;
}
