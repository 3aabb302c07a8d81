import { NEAR_MS, type Priority, refuseTurn, TurnTooLate } from "@/lib/dingtalk/limiter";
import { PROCESSES_ASSUMED } from "../numbers";
import type { EgressEvents } from "./address-budget";
import type { Clock } from "./clock";
import { Demand } from "./demand";
import { type SlotRange, Slots } from "./slots";

export type LeaseRequest = {
  readonly count: number;
  readonly priority: Priority;
  /** Rate that DingTalk allows the app, as its callers state it; `null` if none stated one. */
  readonly callsPerSecond: number | null;
  /** True if the first time may be now, although it will have passed when the answer arrives. */
  readonly isFromNow: boolean;
};

/** The granted send times, by this process's clock. */
export type Lease = SlotRange & {
  /** Time before which no call may leave, because of a penalty or of interactive calls. */
  readonly blockedUntil: number;
};

export type LaneTools = {
  readonly clock: Clock;
  /** Leases the next send times of the lane. Returns `null` if the database is away; must not reject. */
  readonly lease: (request: LeaseRequest) => Promise<Lease | null>;
  readonly mayLeave: () => boolean;
  readonly whenMayLeave: (events: EgressEvents) => void;
  /** Rate of a lane whose callers state none. */
  readonly callsPerSecond: number;
};

type Waiter = {
  readonly go: () => void;
  readonly giveUp: (reason: unknown) => void;
  readonly untilMs: number;
};

type LaneTurn = {
  readonly priority: Priority;
  readonly callsPerSecond: number | null;
  readonly waitMs: number | undefined;
};

/**
 * Share of the rate that is used. The 21st of 20 calls a second is due after 1,044 ms, so delays may differ by 44 ms.
 */
export const RATE_SHARE = 0.958;
/** A send time may be used this late. It covers a busy event loop and leaves the network more than half of those 44 ms. */
const LATE_MS_MAX = 20;
/** Lateness that a single leased time may have on arrival, so that a lone call waits for its lease and no longer. */
export const LATE_ON_ARRIVAL_MS = 10;
/** Longest span leased at once. It is short, because the next process gets the times after it. */
const HORIZON_MS: Readonly<Record<Priority, number>> = { interactive: 250, background: 100 };
/** A process that wakes up late leases several times so that it can use one, but at most this span. */
const LATENESS_MS_MAX = 500;
/** The lane leases more when its last time is nearer than this. */
const LEAD_MS = 60;
const REFUSED_MS = 50;

const spacingOf = (callsPerSecond: number): number => 1_000 / (RATE_SHARE * callsPerSecond);

/**
 * Spaces the calls of one app and API in this process. It leases send times from a timeline that all processes share,
 * and gives each to the first waiting call, interactive ones first. Unused times are lost.
 */
export class Lane {
  readonly #tools: LaneTools;
  readonly #waiting: Readonly<Record<Priority, Set<Waiter>>> = {
    interactive: new Set(),
    background: new Set(),
  };
  readonly #slots = new Slots();
  readonly #demand = new Demand();
  #lastPriority: Priority = "background";
  #callsPerSecond: number | null = null;
  #spacingMs: number;
  #lastLeasedAt = -Infinity;
  #blockedUntil = -Infinity;
  #latenessMs = 0;
  #isLeasing = false;
  #awaitsBudget = false;
  #isRefillDue = false;
  #cancelTimer: (() => void) | null = null;

  constructor(tools: LaneTools) {
    this.#tools = tools;
    this.#spacingMs = spacingOf(tools.callsPerSecond);
  }

  get isIdle(): boolean {
    const now = this.#tools.clock.now();
    return (
      this.#waitingCount === 0 && !this.#isLeasing && this.#lastLeasedAt < now && this.#blockedUntil < now
    );
  }

  /** Waits for the send time of a call. Rejects with the signal's reason or that of `giveUp`. @throws {TurnTooLate} */
  async take({ priority, callsPerSecond, waitMs }: LaneTurn, signal?: AbortSignal): Promise<void> {
    const now = this.#tools.clock.now();
    const queue = this.#waiting[priority];
    const untilMs = now + (waitMs ?? Infinity);
    const ahead = this.#waiting.interactive.size + (priority === "background" ? queue.size : 0);
    const refusal = refuseTurn(this.#turnAt(ahead, now), { nowMs: now, untilMs });
    if (refusal) throw refusal;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const leave = () => {
      queue.delete(waiter);
      signal?.removeEventListener("abort", abort);
    };
    const waiter: Waiter = {
      go: () => (leave(), resolve()),
      giveUp: (reason) => (leave(), reject(reason)),
      untilMs,
    };
    const abort = () => waiter.giveUp(signal?.reason);
    signal?.addEventListener("abort", abort, { once: true });
    queue.add(waiter);
    this.#demand.count(now);
    this.#lastPriority = priority;
    this.#callsPerSecond = callsPerSecond;
    this.#serve();
    await promise;
  }

  block(untilMs: number): void {
    this.#slots.clear();
    this.#blockedUntil = Math.max(this.#blockedUntil, untilMs);
    this.#refuseLate();
    this.#serve();
  }

  giveUp(reason: unknown): void {
    this.#slots.clear();
    for (const waiter of this.#inOrder()) waiter.giveUp(reason);
  }

  *#inOrder(): Generator<Waiter> {
    yield* this.#waiting.interactive;
    yield* this.#waiting.background;
  }

  /** Returns the earliest time at which a call behind `ahead` others can leave. */
  #turnAt(ahead: number, now: number): number {
    const leased = this.#slots.at(ahead);
    if (leased !== null) return leased;
    const { size, lastAt } = this.#slots;
    return Math.max(now, this.#blockedUntil, lastAt + this.#spacingMs) + (ahead - size) * this.#spacingMs;
  }

  /** Rejects waiting calls that the limits delay too long. A slow process is no reason to reject. */
  #refuseLate(): void {
    const nowMs = this.#tools.clock.now();
    let ahead = 0;
    for (const { giveUp, untilMs } of this.#inOrder()) {
      const refusal = refuseTurn(this.#turnAt(ahead, nowMs), { nowMs, untilMs });
      if (refusal) giveUp(refusal);
      else ahead += 1;
    }
  }

  get #waitingCount(): number {
    return this.#waiting.interactive.size + this.#waiting.background.size;
  }

  #serve(): void {
    if (this.#awaitsBudget) return;
    const { clock, mayLeave } = this.#tools;
    const now = clock.now();
    this.#slots.dropBefore(now - LATE_MS_MAX);
    for (let next = this.#next(); next && this.#slots.firstAt <= now; next = this.#next()) {
      if (!mayLeave()) return this.#awaitBudget();
      this.#slots.takeFirst();
      next.go();
    }
    this.#refillSoon();
    this.#wakeLater(now);
  }

  #awaitBudget(): void {
    this.#awaitsBudget = true;
    this.#tools.whenMayLeave({
      more: () => {
        this.#awaitsBudget = false;
        this.#serve();
      },
      full: () => this.#refuseOverdue(),
    });
  }

  #refuseOverdue(): void {
    const now = this.#tools.clock.now();
    for (const { giveUp, untilMs } of this.#inOrder()) if (untilMs <= now) giveUp(new TurnTooLate(NEAR_MS));
  }

  #next(): Waiter | undefined {
    for (const waiter of this.#inOrder()) return waiter;
    return undefined;
  }

  #wakeLater(now: number): void {
    this.#cancelTimer?.();
    const at = this.#slots.size > 0 ? this.#slots.firstAt : this.#blockedUntil;
    this.#cancelTimer =
      this.#waitingCount > 0 && at > now ? this.#tools.clock.at(at, () => this.#wake(at)) : null;
  }

  #wake(dueAt: number): void {
    this.#recordLateness(dueAt);
    this.#serve();
  }

  #recordLateness(dueAt: number): void {
    const latenessMs = this.#tools.clock.now() - dueAt;
    this.#latenessMs = Math.min(LATENESS_MS_MAX, Math.max(latenessMs, this.#latenessMs / 2));
  }

  /** Leases after the current microtasks, so that ten calls at once cause one query. */
  #refillSoon(): void {
    if (this.#isRefillDue) return;
    this.#isRefillDue = true;
    queueMicrotask(() => {
      this.#isRefillDue = false;
      const count = this.#wanted();
      if (count > 0) void this.#refill(count);
    });
  }

  #wanted(): number {
    const now = this.#tools.clock.now();
    if (this.#isLeasing || now < this.#blockedUntil || this.#slots.lastAt - now > LEAD_MS) return 0;
    // Leasing ahead pays only if more times are used than lost.
    const perSecond = Math.min(this.#demand.perSecond(now), 1_000 / this.#spacingMs);
    const steady = perSecond * this.#spacingMs >= 500 ? (perSecond * HORIZON_MS.interactive) / 1_000 : 0;
    const most = Math.max(1, Math.round(HORIZON_MS[this.#priority] / this.#spacingMs));
    const count = Math.min(Math.max(this.#waitingCount, Math.floor(steady)) - this.#slots.size, most);
    return this.#isLate ? Math.max(count, this.#countWhenLate) : count;
  }

  /** Returns whether extra times are needed. Background calls can wait, and would take times from interactive ones. */
  get #isLate(): boolean {
    return this.#latenessMs > LATE_MS_MAX && this.#waiting.interactive.size > 0;
  }

  get #countWhenLate(): number {
    return 1 + Math.ceil(this.#latenessMs / this.#spacingMs);
  }

  get #priority(): Priority {
    if (this.#waiting.interactive.size > 0) return "interactive";
    return this.#waiting.background.size > 0 ? "background" : this.#lastPriority;
  }

  async #refill(count: number): Promise<void> {
    this.#isLeasing = true;
    const [priority, callsPerSecond] = [this.#priority, this.#callsPerSecond];
    const request = { count, priority, callsPerSecond, isFromNow: this.#isLate };
    const lease = (await this.#tools.lease(request)) ?? this.#withoutDatabase();
    this.#isLeasing = false;
    const now = this.#tools.clock.now();
    if (lease.blockedUntil > now) this.#blockedUntil = Math.max(this.#blockedUntil, lease.blockedUntil);
    else if (lease.count === 0) this.#blockedUntil = Math.max(this.#blockedUntil, now + REFUSED_MS);
    // A penalty may have arrived during the query.
    if (lease.count > 0 && now >= this.#blockedUntil) {
      this.#spacingMs = lease.spacingMs;
      this.#lastLeasedAt = lease.startAt + (lease.count - 1) * lease.spacingMs;
      this.#slots.add(lease);
      if (lease.startAt <= now) this.#recordLateness(lease.startAt);
    }
    this.#refuseLate();
    this.#serve();
  }

  /** Grants one time without the database, so that the next call queries it again. */
  #withoutDatabase(): Lease {
    const stated = this.#callsPerSecond === null ? 0 : spacingOf(this.#callsPerSecond);
    const spacingMs = Math.max(this.#spacingMs, stated);
    const startAt = Math.max(this.#tools.clock.now(), this.#lastLeasedAt + spacingMs * PROCESSES_ASSUMED);
    return { startAt, spacingMs, count: 1, blockedUntil: -Infinity };
  }
}
