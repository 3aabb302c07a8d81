import type { Clock } from "./clock";
import type { DatabaseClock } from "./database-clock";
import { Demand } from "./demand";

/** A part of one second's calls, by the database's clock. */
export type Chunk = { readonly second: number; readonly count: number };

/** What becomes of a call that found none. */
export type EgressEvents = {
  /** There are some again. Called once. */
  readonly more: () => void;
  /** All of the present second are used up, by whomever. Called once for each such second. */
  readonly full: () => void;
};

export type EgressTools = {
  readonly clock: Clock;
  readonly database: DatabaseClock;
  /**
   * Asks for `count` calls of the second in which the database will be in `aheadMs`; fewer, or none, when they are
   * used up; `null` when it can't be asked. It must not reject.
   */
  readonly lease: (count: number, aheadMs: number) => Promise<Chunk | null>;
  /** Calls in any 20 seconds, over all tenants and processes. */
  readonly callsIn20Seconds: number;
};

const WINDOW_SECONDS = 20;
const SECOND_MS = 1_000;
/** What a process takes at once at most, as part of a second's calls. */
const CHUNK_SHARE = 0.1;
/** Of what it used in the last second, that much is taken ahead. */
const AHEAD_SHARE = 0.25;
const STEADY_PER_SECOND = 4;
const NEXT_SECOND_MS = 150;
/** Without a database each process takes this part, for there may be as many processes. */
const STAND_IN_SHARE = 4;

/** Twenty seconds, wherever they begin, touch 21 whole ones: with as many in each, none holds too many. */
export const callsPerWholeSecond = (callsIn20Seconds: number): number =>
  Math.max(1, Math.floor(callsIn20Seconds / (WINDOW_SECONDS + 1)));

/**
 * The calls that may leave by this server's address, whoever's they are: at 10,000 in 20 seconds DingTalk bans the
 * address for everybody. Each second has its own calls; a process leases a few of them at a time, ahead of need where it
 * is busy. What is left when the second ends is lost.
 */
export class EgressBudget {
  readonly #tools: EgressTools;
  readonly #perSecond: number;
  readonly #demand = new Demand();
  readonly #left = new Map<number, number>();
  #full = -Infinity;
  #isLeasing = false;
  #isResting = false;
  #waiting: EgressEvents[] = [];

  constructor(tools: EgressTools) {
    this.#tools = tools;
    this.#perSecond = callsPerWholeSecond(tools.callsIn20Seconds);
  }

  /** Takes one of this second's calls, if there is one here. */
  tryTake(): boolean {
    const now = this.#tools.clock.now();
    const databaseNow = this.#tools.database.now();
    const second = Math.floor(databaseNow / SECOND_MS);
    for (const old of this.#left.keys()) if (old < second) this.#left.delete(old);
    const left = this.#left.get(second) ?? 0;
    if (left === 0) return false;
    this.#left.set(second, left - 1);
    this.#demand.count(now);
    const perSecond = this.#demand.perSecond(now);
    if (perSecond < STEADY_PER_SECOND) return true;
    const toNextMs = (second + 1) * SECOND_MS - databaseNow;
    if (toNextMs < NEXT_SECOND_MS && !this.#left.has(second + 1)) void this.#lease(toNextMs + 1);
    else if (left * 2 < this.#chunkOf(now)) void this.#lease(0);
    return true;
  }

  /** Calls back when there are some again. */
  whenMore(events: EgressEvents): void {
    this.#waiting.push(events);
    this.prepare();
  }

  /** Asks for some, where there is none: beside another question, so that a single call waits once. */
  prepare(): void {
    const databaseNow = this.#tools.database.now();
    const second = Math.floor(databaseNow / SECOND_MS);
    const toNextMs = (second + 1) * SECOND_MS - databaseNow;
    const { aheadMs } = this.#tools.database;
    if ((this.#left.get(second) ?? 0) > 0) return this.#tell();
    const isNextHere = toNextMs <= aheadMs && (this.#left.get(second + 1) ?? 0) > 0;
    if (second === this.#full || isNextHere) this.#rest(toNextMs);
    else void this.#lease(aheadMs);
  }

  #rest(ms: number): void {
    if (this.#isResting) return;
    this.#isResting = true;
    const { clock } = this.#tools;
    clock.at(clock.now() + ms + 1, () => {
      this.#isResting = false;
      this.prepare();
    });
  }

  #chunkOf(now: number): number {
    const wanted = Math.ceil(this.#demand.perSecond(now) * AHEAD_SHARE);
    return Math.max(1, Math.min(wanted, Math.ceil(this.#perSecond * CHUNK_SHARE)));
  }

  async #lease(aheadMs: number): Promise<void> {
    if (this.#isLeasing) return;
    this.#isLeasing = true;
    const count = Math.max(this.#chunkOf(this.#tools.clock.now()), this.#waiting.length);
    const chunk = (await this.#tools.lease(count, aheadMs)) ?? this.#standIn();
    this.#isLeasing = false;
    if (chunk.count > 0) this.#left.set(chunk.second, (this.#left.get(chunk.second) ?? 0) + chunk.count);
    else {
      this.#full = chunk.second;
      for (const { full } of this.#waiting) full();
    }
    if (this.#waiting.length > 0) this.prepare();
  }

  #standIn(): Chunk {
    const second = Math.floor(this.#tools.database.now() / SECOND_MS);
    const isNew = !this.#left.has(second);
    return { second, count: isNew ? Math.ceil(this.#perSecond / STAND_IN_SHARE) : 0 };
  }

  #tell(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { more } of waiting) more();
  }
}
