import type { Turn } from "@/lib/dingtalk/limiter";
import { callsPerWholeSecond } from "../address-budget";
import { LeasedLimiter, type SharedState } from "../call-limiter";
import { CircuitBreaker } from "../database-circuit-breaker";
import { DatabaseClock } from "../database-clock";
import { VirtualClock } from "./virtual-clock";

type LaneRow = { nextAt: number; wantedUntil: number | null; pausedUntil: number | null };

export type VirtualOptions = {
  readonly callsPerSecond?: number;
  readonly callsIn20Seconds?: number;
  /** How long a question is under way, and its answer. */
  readonly wayMs?: () => number;
  /** How late a process wakes up. */
  readonly lateMs?: () => number;
};

/** Simulates the tables and the statements of `shared-state.ts`, which have tests of their own. */
export class VirtualProcesses {
  readonly clock = new VirtualClock();
  readonly #options: Required<VirtualOptions>;
  readonly #lanes = new Map<string, LaneRow>();
  readonly #seconds = new Map<number, number>();
  readonly #rates = new Map<string, number>();
  #bannedUntil: number | null = null;
  /** The database doesn't answer. */
  isAway = false;
  /** How often it was asked for times. */
  leases = 0;

  constructor(options: VirtualOptions = {}) {
    const [wayMs, lateMs] = [() => 1, () => 0];
    this.#options = { callsPerSecond: 20, callsIn20Seconds: 8_000, wayMs, lateMs, ...options };
  }

  /** A process whose clock differs from the database's. */
  start(offsetMs = 0): LeasedLimiter {
    const { callsPerSecond, callsIn20Seconds, lateMs } = this.#options;
    const clock = this.clock.seenBy(offsetMs, lateMs);
    return new LeasedLimiter({
      clock,
      database: new DatabaseClock(clock, this.clock.now()),
      breaker: new CircuitBreaker(clock, () => {}),
      shared: this.#shared(),
      callsPerSecond,
      callsIn20Seconds,
      wallNow: () => this.clock.now(),
    });
  }

  async #underWay<T>(work: () => T): Promise<T> {
    if (this.isAway) throw new Error("away");
    await this.clock.sleep(this.#options.wayMs());
    const answer = work();
    await this.clock.sleep(this.#options.wayMs());
    return answer;
  }

  #row(key: string): LaneRow {
    const row = this.#lanes.get(key) ?? { nextAt: -Infinity, wantedUntil: null, pausedUntil: null };
    this.#lanes.set(key, row);
    return row;
  }

  #shared(): SharedState {
    return {
      leaseTimes: (question) => this.#underWay(() => this.#leaseTimes(question)),
      leaseEgress: (count, aheadMs) =>
        this.#underWay(() => {
          const now = this.clock.now();
          const second = Math.floor((now + aheadMs) / 1_000);
          const before = this.#seconds.get(second) ?? 0;
          this.#seconds.set(second, before + count);
          const left = callsPerWholeSecond(this.#options.callsIn20Seconds) - before;
          return { now, second, count: Math.max(0, Math.min(count, left)) };
        }),
      pause: ({ limiterId, api }, ms) =>
        this.#underWay(() => void (this.#row(`${limiterId}/${api}`).pausedUntil = this.clock.now() + ms)),
      ban: (ms) => this.#underWay(() => void (this.#bannedUntil = this.clock.now() + ms)),
    };
  }

  #leaseTimes(question: Parameters<SharedState["leaseTimes"]>[0]) {
    const { limiterId, api, count, priority, callsPerSecond, isStated, aheadMs } = question;
    this.leases += 1;
    const now = this.clock.now();
    const [row, app] = [this.#row(`${limiterId}/${api}`), this.#row(`${limiterId}/null`)];
    const rate = Math.min(callsPerSecond, this.#rates.get(limiterId) ?? Infinity);
    if (isStated) this.#rates.set(limiterId, rate);
    const spacingMs = 1_000 / (0.958 * rate);
    const { pausedUntil, wantedUntil } = row;
    const isRefused =
      (pausedUntil ?? 0) > now || (priority === "background" && wantedUntil !== null && wantedUntil > now);
    const startsAt = Math.max(row.nextAt, now + aheadMs);
    if (!isRefused) {
      row.nextAt = startsAt + count * spacingMs;
      if (priority === "interactive") row.wantedUntil = row.nextAt + spacingMs;
    }
    return {
      now,
      spacingMs,
      startsAt: isRefused ? null : startsAt,
      pausedUntil: Math.max(pausedUntil ?? 0, app.pausedUntil ?? 0),
      wantedUntil,
      bannedUntil: this.#bannedUntil,
    };
  }
}

/** The most that any window of `windowMs` holds. */
export function mostWithin(timesMs: readonly number[], windowMs: number): number {
  const sorted = [...timesMs].sort((a, b) => a - b);
  let [most, from] = [0, 0];
  for (const [index, at] of sorted.entries()) {
    while ((sorted[from] ?? at) <= at - windowMs) from += 1;
    most = Math.max(most, index - from + 1);
  }
  return most;
}

export const LIST: Turn = { limiterId: "ding1", api: "topapi/v2/department/listsub" };

/** Makes calls one after another, each as soon as the one before it has left, until it is ended. */
function keepCalling(
  processes: VirtualProcesses,
  limiter: LeasedLimiter,
  turn: Turn,
  sent: number[],
): () => void {
  const end = new AbortController();
  void (async () => {
    while (!end.signal.aborted) {
      await limiter.take(turn);
      sent.push(processes.clock.now());
    }
  })();
  return () => end.abort();
}

/** Keeps eight calls waiting at all times. */
export const fullLoad = (processes: VirtualProcesses, limiter: LeasedLimiter, turn: Turn, sent: number[]) =>
  Array.from({ length: 8 }, () => keepCalling(processes, limiter, turn, sent));
