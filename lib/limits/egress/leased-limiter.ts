import {
  EgressBanned,
  type Limiter,
  type LimiterKey,
  PENALTY_MS_MAX,
  type PenaltyKey,
  type Turn,
} from "@/lib/dingtalk/limiter";
import type { Clock } from "./clock";
import { DatabaseClock } from "./database-clock";
import { EgressBudget } from "./egress-budget";
import { LATE_ON_ARRIVAL_MS, Lane, type Lease, type LeaseRequest } from "./lane";
import { Reach } from "./reach";

/** What all processes know of an app's calls of an API; times are the database's, in milliseconds since the epoch. */
export type LaneAnswer = {
  readonly now: number;
  /** Between two calls, by the smallest rate that anybody lately stated for the app. */
  readonly spacingMs: number;
  /** The first of the times; `null` when none was given out. */
  readonly startsAt: number | null;
  /** Until when the API or the app is penalized; `null` for not. */
  readonly pausedUntil: number | null;
  /** Until when services go first; `null` for no such time. */
  readonly wantedUntil: number | null;
  readonly bannedUntil: number | null;
};

export type LaneQuestion = LimiterKey &
  Omit<LeaseRequest, "callsPerSecond" | "isFromNow"> & {
    readonly callsPerSecond: number;
    /** Whether the rate is what a caller says of the app, and no default. */
    readonly isStated: boolean;
    /** How soon after now the first time may be. */
    readonly aheadMs: number;
  };

/** What the processes have in common. Each may reject. */
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
  readonly reach: Reach;
  readonly callsPerSecond: number;
  readonly callsIn20Seconds: number;
  /** Milliseconds since the epoch, by which penalties are given. */
  readonly wallNow?: () => number;
};

type Held = LimiterKey & { readonly lane: Lane };

const LANES_BEFORE_SWEEP = 1_000;

/**
 * The limiter of all processes on one database: an app's calls of an API leave at times that are spaced evenly at 0.958
 * of its rate, from one timeline, and beside that no more than the address may send.
 *
 * - A process leases a few times at once, as many as it needs for a quarter of a second at most; a call that finds one
 *   here asks nobody. They are never saved up.
 * - Services go before jobs: in a process always, and among processes a job is given nothing while a service waits; what
 *   a job has leased already is a tenth of a second.
 * - A penalty or a ban holds this process back at once, and the others when their present lease ends.
 * - When the database can't be asked, each process goes on with a quarter of the rate, so that four of them together
 *   stay within it; penalties are then its own.
 */
export class LeasedLimiter implements Limiter {
  readonly #options: LeasedLimiterOptions;
  readonly #egress: EgressBudget;
  readonly #lanes = new Map<string, Held>();
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
    const { clock, reach, shared } = this.#options;
    const ms = Math.min(PENALTY_MS_MAX, untilMs - this.#wallNow());
    if (ms <= 0) return;
    const untilAt = clock.now() + ms;
    if (key === "egress") {
      this.#learnBan(untilAt);
      await reach.ask(async () => ({ done: await shared.ban(ms) }));
      return;
    }
    for (const { limiterId, api, lane } of this.#lanes.values()) {
      if (limiterId === key.limiterId && (key.api === null || api === key.api)) lane.hold(untilAt);
    }
    await reach.ask(async () => ({ done: await shared.pause(key, ms) }));
  }

  #learnBan(until: number): void {
    if (until <= Math.max(this.#bannedUntil, this.#options.clock.now())) return;
    this.#bannedUntil = until;
    const banned = new EgressBanned(until - this.#options.clock.now());
    for (const { lane } of this.#lanes.values()) lane.giveUp(banned);
  }

  #laneOf(key: LimiterKey): Lane {
    const known = this.#lanes.get(nameOf(key));
    if (known) return known.lane;
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
    const { clock, database, reach, shared } = this.#options;
    this.#egress.prepare();
    const rate = callsPerSecond ?? this.#options.callsPerSecond;
    const isStated = callsPerSecond !== null;
    const sentAt = clock.now();
    const isAlone = request.count === 1;
    const aheadMs = isFromNow ? 0 : Math.max(0, database.aheadMs - (isAlone ? LATE_ON_ARRIVAL_MS : 0));
    const answer = await reach.ask(() =>
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
      heldUntil: isGiven ? -Infinity : Math.max(pausedUntil, ours(answer.wantedUntil)),
    };
  }

  async #leaseEgress(count: number, aheadMs: number) {
    const { clock, database, reach, shared } = this.#options;
    const sentAt = clock.now();
    const answer = await reach.ask(() => shared.leaseEgress(count, aheadMs));
    if (answer) database.observe({ sentAt, databaseNow: answer.now, receivedAt: clock.now() });
    return answer;
  }
}

const nameOf = ({ limiterId, api }: LimiterKey): string => JSON.stringify([limiterId, api]);

/** A time further ahead than any that is given out is a clock's that was set back since. */
const isAhead = (time: number | null, now: number): time is number =>
  time !== null && time > now && time <= now + PENALTY_MS_MAX;
