import { NEAR_MS, type Priority, refuseTurn, TurnTooLate } from "@/lib/dingtalk/limiter";
import type { Clock } from "./clock";
import { Demand } from "./demand";
import type { EgressEvents } from "./egress-budget";
import { type SlotRange, Slots } from "./slots";

/** What a lane asks for. */
export type LeaseRequest = {
  readonly count: number;
  readonly priority: Priority;
  /** What the callers say that DingTalk allows the app; `null` when none said anything. */
  readonly callsPerSecond: number | null;
  /** Whether the first time may be now, although it will have passed when the answer is here. */
  readonly isFromNow: boolean;
};

/** What it gets; all times by this process's clock. */
export type Lease = SlotRange & {
  /** Nothing is given out before this: a penalty, or somebody who goes before. */
  readonly heldUntil: number;
};

export type LaneTools = {
  readonly clock: Clock;
  /** The next times at which the lane's calls may be sent; `null` when the database can't be asked. It must not reject. */
  readonly lease: (request: LeaseRequest) => Promise<Lease | null>;
  /** Whether one more call may leave by this server's address now. */
  readonly mayLeave: () => boolean;
  /** Calls back when that has changed. */
  readonly whenMayLeave: (events: EgressEvents) => void;
  /** For a lane whose callers say nothing. */
  readonly callsPerSecond: number;
};

type Waiter = {
  readonly go: () => void;
  readonly giveUp: (reason: unknown) => void;
  /** Until when its caller has time. */
  readonly untilMs: number;
};

type LaneTurn = {
  readonly priority: Priority;
  readonly callsPerSecond: number | null;
  readonly waitMs: number | undefined;
};

/**
 * The part of a rate that is used: 19.16 of 20 a second. The last of 21 calls is due 1,044 ms after the first, and
 * DingTalk counts calls where they arrive, so the first may come 44 ms later than the last before one is too many.
 */
export const RATE_SHARE = 0.958;
/**
 * A time that has passed is lost, unless it was this little ago: longer than a busy process wakes up late, and short
 * enough to leave the way to DingTalk more than half of those 44 ms.
 */
const LATE_MS_MAX = 20;
/** So much of it a single time may use up on its way here: a call that comes alone then waits for the question, and no longer. */
export const LATE_ON_ARRIVAL_MS = 10;
/** What is leased at once at most, as time: short, for whoever comes next gets what comes after it. */
const HORIZON_MS: Readonly<Record<Priority, number>> = { interactive: 250, background: 100 };
/** A process that comes late to its times leases several, so that it meets one; no longer than this, for others wait. */
const LATENESS_MS_MAX = 500;
/** More is leased when what is in hand ends sooner than this. */
const LEAD_MS = 60;
const REFUSED_MS = 50;
/** Without a database each process takes this part of the rate, for there may be as many processes. */
const STAND_IN_SHARE = 4;

const spacingOf = (callsPerSecond: number): number => 1_000 / (RATE_SHARE * callsPerSecond);

/**
 * The calls of one app and API in this process. It leases times from the one timeline that all processes share and
 * gives each to the first who waits, services before jobs. A single call leases one; a lane that is in use leases
 * ahead, so that a call finds its time here and asks nobody. Times that nobody wants are lost.
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
  #heldUntil = -Infinity;
  /** How late this process lately came to its times. */
  #latenessMs = 0;
  #isLeasing = false;
  #isHeldBack = false;
  #isRefillDue = false;
  #cancelTimer: (() => void) | null = null;

  constructor(tools: LaneTools) {
    this.#tools = tools;
    this.#spacingMs = spacingOf(tools.callsPerSecond);
  }

  /** Whether nothing is lost when it is forgotten. */
  get isIdle(): boolean {
    const now = this.#tools.clock.now();
    return this.#waits === 0 && !this.#isLeasing && this.#lastLeasedAt < now && this.#heldUntil < now;
  }

  /**
   * Resolves at a time that is this call's; rejects with the signal's reason, or what `giveUp` says.
   *
   * @throws {TurnTooLate}
   */
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

  /** Gives nothing out before a time, and throws away what was leased. */
  hold(untilMs: number): void {
    this.#slots.clear();
    this.#heldUntil = Math.max(this.#heldUntil, untilMs);
    this.#refuseLate();
    this.#serve();
  }

  /** Refuses all who wait. */
  giveUp(reason: unknown): void {
    this.#slots.clear();
    for (const waiter of this.#inOrder()) waiter.giveUp(reason);
  }

  *#inOrder(): Generator<Waiter> {
    yield* this.#waiting.interactive;
    yield* this.#waiting.background;
  }

  /** Returns when the limits let a call leave that waits behind `ahead` others: no later than it will be. */
  #turnAt(ahead: number, now: number): number {
    const leased = this.#slots.at(ahead);
    if (leased !== null) return leased;
    const { size, lastAt } = this.#slots;
    return Math.max(now, this.#heldUntil, lastAt + this.#spacingMs) + (ahead - size) * this.#spacingMs;
  }

  /**
   * Refuses the waiting calls whose turn the limits put beyond their callers' time. A call that is late because this
   * process is slow has its turn soon, and isn't refused.
   */
  #refuseLate(): void {
    const nowMs = this.#tools.clock.now();
    let ahead = 0;
    for (const { giveUp, untilMs } of this.#inOrder()) {
      const refusal = refuseTurn(this.#turnAt(ahead, nowMs), { nowMs, untilMs });
      if (refusal) giveUp(refusal);
      else ahead += 1;
    }
  }

  get #waits(): number {
    return this.#waiting.interactive.size + this.#waiting.background.size;
  }

  #serve(): void {
    if (this.#isHeldBack) return;
    const { clock, mayLeave } = this.#tools;
    const now = clock.now();
    this.#slots.dropBefore(now - LATE_MS_MAX);
    for (let next = this.#next(); next && this.#slots.firstAt <= now; next = this.#next()) {
      if (!mayLeave()) return this.#holdBack();
      this.#slots.takeFirst();
      next.go();
    }
    this.#refillSoon();
    this.#wakeLater(now);
  }

  /** Nobody may leave by this address for the moment, so there is nothing to lease either. */
  #holdBack(): void {
    this.#isHeldBack = true;
    this.#tools.whenMayLeave({
      more: () => {
        this.#isHeldBack = false;
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

  /** At the next of our times, or when there may be some again. */
  #wakeLater(now: number): void {
    this.#cancelTimer?.();
    const at = this.#slots.size > 0 ? this.#slots.firstAt : this.#heldUntil;
    this.#cancelTimer = this.#waits > 0 && at > now ? this.#tools.clock.at(at, () => this.#wake(at)) : null;
  }

  #wake(dueAt: number): void {
    this.#noteLateness(dueAt);
    this.#serve();
  }

  #noteLateness(dueAt: number): void {
    const latenessMs = this.#tools.clock.now() - dueAt;
    this.#latenessMs = Math.min(LATENESS_MS_MAX, Math.max(latenessMs, this.#latenessMs / 2));
  }

  /** After what comes in the same breath, so that ten calls at once make one question. */
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
    if (this.#isLeasing || now < this.#heldUntil || this.#slots.lastAt - now > LEAD_MS) return 0;
    // Ahead of need only where a time is used more often than lost
    const perSecond = Math.min(this.#demand.perSecond(now), 1_000 / this.#spacingMs);
    const steady = perSecond * this.#spacingMs >= 500 ? (perSecond * HORIZON_MS.interactive) / 1_000 : 0;
    const most = Math.max(1, Math.round(HORIZON_MS[this.#priority] / this.#spacingMs));
    const count = Math.min(Math.max(this.#waits, Math.floor(steady)) - this.#slots.size, most);
    return this.#isLate ? Math.max(count, this.#countToMeetOne) : count;
  }

  /** Jobs have time, and what they lease is lost to services. */
  get #isLate(): boolean {
    return this.#latenessMs > LATE_MS_MAX && this.#waiting.interactive.size > 0;
  }

  get #countToMeetOne(): number {
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
    const lease = (await this.#tools.lease(request)) ?? this.#standIn();
    this.#isLeasing = false;
    const now = this.#tools.clock.now();
    if (lease.heldUntil > now) this.#heldUntil = Math.max(this.#heldUntil, lease.heldUntil);
    else if (lease.count === 0) this.#heldUntil = Math.max(this.#heldUntil, now + REFUSED_MS);
    // A penalty may have come while it was asked for
    if (lease.count > 0 && now >= this.#heldUntil) {
      this.#spacingMs = lease.spacingMs;
      this.#lastLeasedAt = lease.startAt + (lease.count - 1) * lease.spacingMs;
      this.#slots.add(lease);
      if (lease.startAt <= now) this.#noteLateness(lease.startAt);
    }
    this.#refuseLate();
    this.#serve();
  }

  /** One at a time, so that the database is found again soon. */
  #standIn(): Lease {
    const stated = this.#callsPerSecond === null ? 0 : spacingOf(this.#callsPerSecond);
    const spacingMs = Math.max(this.#spacingMs, stated);
    const startAt = Math.max(this.#tools.clock.now(), this.#lastLeasedAt + spacingMs * STAND_IN_SHARE);
    return { startAt, spacingMs, count: 1, heldUntil: -Infinity };
  }
}
