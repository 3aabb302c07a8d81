import { PROCESSES_ASSUMED } from "../numbers";
import type { Clock } from "./clock";
import type { DatabaseClock } from "./database-clock";
import { Demand } from "./demand";

/** A share of the calls of one second of the database's clock. */
export type Chunk = { readonly second: number; readonly count: number };

export type EgressEvents = {
  /** Called once when there is budget again. */
  readonly more: () => void;
  /** Called once for each second whose budget all processes together have used up. */
  readonly full: () => void;
};

export type EgressTools = {
  readonly clock: Clock;
  readonly database: DatabaseClock;
  /** Leases up to `count` calls of the second after `aheadMs`. `null` if the database is away; must not reject. */
  readonly lease: (count: number, aheadMs: number) => Promise<Chunk | null>;
  /** Calls in any 20 seconds, of all tenants and processes. */
  readonly callsIn20Seconds: number;
};

const WINDOW_SECONDS = 20;
const SECOND_MS = 1_000;
/** Largest share of a second that a process leases at once. */
const CHUNK_SHARE = 0.1;
/** Share of the last second's use that is leased ahead. */
const AHEAD_SHARE = 0.25;
const STEADY_PER_SECOND = 4;
const NEXT_SECOND_MS = 150;

/** Returns the calls per whole second. Any 20 seconds overlap 21 whole seconds, so each gets a 21st of the budget. */
export const callsPerWholeSecond = (callsIn20Seconds: number): number =>
  Math.max(1, Math.floor(callsIn20Seconds / (WINDOW_SECONDS + 1)));

/**
 * Limits the calls that leave from this server's address: at 10,000 in 20 seconds DingTalk bans it for all tenants. A
 * process leases a few calls of a second at a time. Unused ones are lost.
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

  whenMore(events: EgressEvents): void {
    this.#waiting.push(events);
    this.prepare();
  }

  /** Leases calls if none are left. Runs in parallel with the lease of a send time, so that a lone call waits once. */
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
    const chunk = (await this.#tools.lease(count, aheadMs)) ?? this.#withoutDatabase();
    this.#isLeasing = false;
    if (chunk.count > 0) this.#left.set(chunk.second, (this.#left.get(chunk.second) ?? 0) + chunk.count);
    else {
      this.#full = chunk.second;
      for (const { full } of this.#waiting) full();
    }
    if (this.#waiting.length > 0) this.prepare();
  }

  #withoutDatabase(): Chunk {
    const second = Math.floor(this.#tools.database.now() / SECOND_MS);
    const isNew = !this.#left.has(second);
    return { second, count: isNew ? Math.ceil(this.#perSecond / PROCESSES_ASSUMED) : 0 };
  }

  #tell(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { more } of waiting) more();
  }
}
