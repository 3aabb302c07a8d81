import {
  EgressBanned,
  type Limiter,
  type LimiterKey,
  PENALTY_MS_MAX,
  type PenaltyKey,
  type Turn,
} from "@/lib/dingtalk/limiter";
import { EgressBudget } from "./address-budget";
import { LATE_ON_ARRIVAL_MS, Lane, type Lease, type LeaseRequest } from "./app-rate";
import type { Clock } from "./clock";
import { CircuitBreaker } from "./database-circuit-breaker";
import { DatabaseClock } from "./database-clock";

/** Shared state of an app's calls to an API. Times are the database's, in milliseconds since the epoch. */
export type LaneAnswer = {
  readonly now: number;
  /** Interval between calls, by the lowest rate that a process recently stated for the app. */
  readonly spacingMs: number;
  /** The first granted time; `null` if none was granted. */
  readonly startsAt: number | null;
  /** End of the penalty of the API or the app; `null` if there is none. */
  readonly pausedUntil: number | null;
  /** Time until which interactive calls go first; `null` if there are none. */
  readonly wantedUntil: number | null;
  readonly bannedUntil: number | null;
};

export type LaneQuestion = LimiterKey &
  Omit<LeaseRequest, "callsPerSecond" | "isFromNow"> & {
    readonly callsPerSecond: number;
    /** True if a caller stated the rate, false for the default. */
    readonly isStated: boolean;
    /** Milliseconds from now to the earliest first time. */
    readonly aheadMs: number;
  };

/** State that the processes share. Each function may reject. */
export type SharedState = {
  readonly leaseTimes: (question: LaneQuestion) => Promise<LaneAnswer>;
  readonly leaseEgress: (
    count: number,
    aheadMs: number,
  ) => Promise<{ readonly now: number; readonly second: number; readonly count: number }>;
  readonly pause: (
    key: { readonly limiterId: string; readonly api: string | null },
    ms: number,
  ) => Promise<void>;
  readonly ban: (ms: number) => Promise<void>;
};

export type LeasedLimiterOptions = {
  readonly shared: SharedState;
  readonly clock: Clock;
  readonly database: DatabaseClock;
  readonly breaker: CircuitBreaker;
  readonly callsPerSecond: number;
  readonly callsIn20Seconds: number;
  readonly wallNow?: () => number;
};

type LaneEntry = LimiterKey & { readonly lane: Lane };

const LANES_BEFORE_SWEEP = 1_000;

/**
 * Limits the calls of all processes on one database. The calls of an app to an API leave at evenly spaced times, at 0.958
 * of its rate, and all calls together stay within the budget of the server's address.
 *
 * - A process leases the times that it needs for at most a quarter of a second. Times are never saved up.
 * - Interactive calls go before background calls. While one waits, background calls get no new times; those that they
 *   have already leased span at most a tenth of a second.
 * - A penalty or a ban stops this process at once, and the others at the end of their current lease.
 * - Without the database each process uses a quarter of the rate, so four processes stay within it; penalties then apply
 *   to the process alone.
 */
export class LeasedLimiter implements Limiter {
  readonly #options: LeasedLimiterOptions;
  readonly #egress: EgressBudget;
  readonly #lanes = new Map<string, LaneEntry>();
  readonly #wallNow: () => number;
  #bannedUntil = -Infinity;

  constructor(options: LeasedLimiterOptions) {
    this.#options = options;
    this.#wallNow = options.wallNow ?? Date.now;
    const { clock, database, callsIn20Seconds } = options;
    const lease = (count: number, aheadMs: number) => this.#leaseEgress(count, aheadMs);
    this.#egress = new EgressBudget({ clock, database, callsIn20Seconds, lease });
  }

  async take(
    { priority = "interactive", callsPerSecond, waitMs, ...key }: Turn,
    signal?: AbortSignal,
  ): Promise<void> {
    signal?.throwIfAborted();
    const bannedMs = this.#bannedUntil - this.#options.clock.now();
    if (bannedMs > 0) throw new EgressBanned(bannedMs);
    await this.#laneOf(key).take({ priority, callsPerSecond: callsPerSecond ?? null, waitMs }, signal);
  }

  async penalize(key: PenaltyKey, untilMs: number): Promise<void> {
    const { clock, breaker, shared } = this.#options;
    const ms = Math.min(PENALTY_MS_MAX, untilMs - this.#wallNow());
    if (ms <= 0) return;
    const untilAt = clock.now() + ms;
    if (key === "egress") {
      this.#learnBan(untilAt);
      await breaker.ask(async () => ({ done: await shared.ban(ms) }));
      return;
    }
    for (const { limiterId, api, lane } of this.#lanes.values()) {
      if (limiterId === key.limiterId && (key.api === null || api === key.api)) lane.block(untilAt);
    }
    await breaker.ask(async () => ({ done: await shared.pause(key, ms) }));
  }

  #learnBan(until: number): void {
    if (until <= Math.max(this.#bannedUntil, this.#options.clock.now())) return;
    this.#bannedUntil = until;
    const banned = new EgressBanned(until - this.#options.clock.now());
    for (const { lane } of this.#lanes.values()) lane.giveUp(banned);
  }

  #laneOf(key: LimiterKey): Lane {
    const existing = this.#lanes.get(nameOf(key));
    if (existing) return existing.lane;
    if (this.#lanes.size >= LANES_BEFORE_SWEEP) this.#sweep();
    const lane = new Lane({
      clock: this.#options.clock,
      callsPerSecond: this.#options.callsPerSecond,
      lease: (request) => this.#leaseTimes(key, request),
      mayLeave: () => this.#egress.tryTake(),
      whenMayLeave: (events) => this.#egress.whenMore(events),
    });
    this.#lanes.set(nameOf(key), { ...key, lane });
    return lane;
  }

  #sweep(): void {
    for (const [name, { lane }] of this.#lanes) if (lane.isIdle) this.#lanes.delete(name);
  }

  async #leaseTimes(
    key: LimiterKey,
    { callsPerSecond, isFromNow, ...request }: LeaseRequest,
  ): Promise<Lease | null> {
    const { clock, database, breaker, shared } = this.#options;
    this.#egress.prepare();
    const rate = callsPerSecond ?? this.#options.callsPerSecond;
    const isStated = callsPerSecond !== null;
    const sentAt = clock.now();
    const isAlone = request.count === 1;
    const aheadMs = isFromNow ? 0 : Math.max(0, database.aheadMs - (isAlone ? LATE_ON_ARRIVAL_MS : 0));
    const answer = await breaker.ask(() =>
      shared.leaseTimes({ ...key, ...request, callsPerSecond: rate, isStated, aheadMs }),
    );
    if (answer === null) return null;
    database.observe({ sentAt, databaseNow: answer.now, receivedAt: clock.now() });
    const ours = (time: number | null) => (isAhead(time, answer.now) ? database.toOurs(time) : -Infinity);
    this.#learnBan(ours(answer.bannedUntil));
    const pausedUntil = ours(answer.pausedUntil);
    const isGiven =
      answer.startsAt !== null && pausedUntil === -Infinity && !isAhead(answer.bannedUntil, answer.now);
    return {
      startAt: database.toOurs(answer.startsAt ?? 0),
      spacingMs: answer.spacingMs,
      count: isGiven ? request.count : 0,
      blockedUntil: isGiven ? -Infinity : Math.max(pausedUntil, ours(answer.wantedUntil)),
    };
  }

  async #leaseEgress(count: number, aheadMs: number) {
    const { clock, database, breaker, shared } = this.#options;
    const sentAt = clock.now();
    const answer = await breaker.ask(() => shared.leaseEgress(count, aheadMs));
    if (answer) database.observe({ sentAt, databaseNow: answer.now, receivedAt: clock.now() });
    return answer;
  }
}

const nameOf = ({ limiterId, api }: LimiterKey): string => JSON.stringify([limiterId, api]);

/** Ignores times beyond any that can be granted: they come from a clock that was set back since. */
const isAhead = (time: number | null, now: number): time is number =>
  time !== null && time > now && time <= now + PENALTY_MS_MAX;
