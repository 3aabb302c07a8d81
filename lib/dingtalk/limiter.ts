import { shareClass } from "@/lib/shared-class";
import { type Sleep, sleep as sleepInRealTime } from "./time-limit";

/** `interactive` calls, for which a person or a service waits, go before `background` calls of jobs. */
export type Priority = "interactive" | "background";

export type LimiterKey = {
  /** AppKey, or SuiteKey and CorpId: callers with the same id share the limit. */
  readonly limiterId: string;
  readonly api: string;
};

export type Turn = LimiterKey & {
  /** Default: the server's setting. */
  readonly callsPerSecond?: number;
  readonly priority?: Priority;
  /** Maximum wait in milliseconds. Default: no limit. */
  readonly waitMs?: number;
};

/** One API of an app; all APIs of an app (`api: null`); or all calls from this server's address. */
export type PenaltyKey = { readonly limiterId: string; readonly api: string | null } | "egress";

/** `InProcessLimiter` limits one process, `lib/limits/egress` all processes. */
export type Limiter = {
  /**
   * Resolves when the call may be sent; rejects with the signal's reason when it aborts.
   *
   * @throws {EgressBanned} immediately, while DingTalk bans this server's address
   * @throws {TurnTooLate} as soon as the limits put the turn beyond `waitMs`
   */
  take(turn: Turn, signal?: AbortSignal): Promise<void>;
  penalize(key: PenaltyKey, untilMs: number): void | Promise<void>;
};

export class EgressBanned extends Error {
  static {
    shareClass(EgressBanned, "EgressBanned");
  }

  override readonly name = "EgressBanned";
  readonly waitMs: number;

  constructor(waitMs: number) {
    super("DingTalk has banned this server's address for a while");
    this.waitMs = waitMs;
  }
}

export class TurnTooLate extends Error {
  static {
    shareClass(TurnTooLate, "TurnTooLate");
  }

  override readonly name = "TurnTooLate";
  readonly waitMs: number;

  constructor(waitMs: number) {
    super("the limits let this call leave only later");
    this.waitMs = waitMs;
  }
}

/** A turn this close is not refused, because a slow process alone can use up the caller's time. */
export const NEAR_MS = 1_000;

export const refuseTurn = (
  turnAtMs: number,
  { nowMs, untilMs }: { readonly nowMs: number; readonly untilMs: number },
): TurnTooLate | null =>
  turnAtMs > Math.max(untilMs, nowMs + NEAR_MS) ? new TurnTooLate(turnAtMs - nowMs) : null;

export type LimiterOptions = {
  /** Calls within any second per app and API. Default 20, the limit of DingTalk's standard edition. */
  readonly callsPerSecond?: number;
  readonly now?: () => number;
  readonly sleep?: Sleep;
};

const CALLS_PER_SECOND_DEFAULT = 20;
/** DingTalk counts calls on arrival, and calls sent a second apart can arrive closer together. */
const ARRIVAL_MARGIN_MS = 50;
const WINDOW_MS = 1_000 + ARRIVAL_MARGIN_MS;
/** DingTalk's pauses last minutes at most. A longer one means that the clock was set back. */
export const PENALTY_MS_MAX = 15 * 60_000;
const LANES_BEFORE_SWEEP = 1_000;

type Lane = {
  /** Times of the last `callsPerSecond` calls, oldest first. */
  sentAt: number[];
  pausedUntilMs: number;
  waiting: number;
  tail: Promise<void>;
};

export class InProcessLimiter implements Limiter {
  readonly #lanes = new Map<string, Lane>();
  readonly #appPausedUntilMs = new Map<string, number>();
  #bannedUntilMs = 0;
  readonly #callsPerSecond: number;
  readonly #now: () => number;
  readonly #sleep: Sleep;

  constructor(options: LimiterOptions = {}) {
    this.#callsPerSecond = options.callsPerSecond ?? CALLS_PER_SECOND_DEFAULT;
    this.#now = options.now ?? Date.now;
    this.#sleep = options.sleep ?? sleepInRealTime;
  }

  async take(key: Turn, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const untilMs = this.#now() + (key.waitMs ?? Infinity);
    const lane = this.#laneOf(key);
    const ahead = lane.tail;
    const turn = Promise.withResolvers<void>();
    lane.tail = ahead.then(() => turn.promise);
    lane.waiting += 1;
    try {
      await settledOrAborted(ahead, signal);
      await this.#leave(lane, { ...key, untilMs }, signal);
    } finally {
      lane.waiting -= 1;
      turn.resolve();
    }
  }

  penalize(key: PenaltyKey, untilMs: number): void {
    if (key === "egress") {
      this.#bannedUntilMs = Math.max(untilMs, this.#bannedUntilMs);
      return;
    }
    const { limiterId, api } = key;
    if (api === null) {
      this.#appPausedUntilMs.set(limiterId, Math.max(untilMs, this.#appPausedUntilMs.get(limiterId) ?? 0));
      return;
    }
    const lane = this.#laneOf({ limiterId, api });
    lane.pausedUntilMs = Math.max(untilMs, lane.pausedUntilMs);
  }

  async #leave(
    lane: Lane,
    { limiterId, untilMs }: LimiterKey & { readonly untilMs: number },
    signal: AbortSignal | undefined,
  ): Promise<void> {
    for (;;) {
      const now = this.#now();
      const bannedMs = this.#bannedUntilMs - now;
      if (bannedMs > 0 && bannedMs <= PENALTY_MS_MAX) throw new EgressBanned(bannedMs);
      // Times in the future mean that the clock was set back; they would block the lane for that long
      if ((lane.sentAt.at(-1) ?? 0) > now) lane.sentAt = [];
      const full = lane.sentAt.length >= this.#callsPerSecond ? (lane.sentAt[0] ?? 0) + WINDOW_MS : 0;
      const penalties = [lane.pausedUntilMs, this.#appPausedUntilMs.get(limiterId) ?? 0];
      const nextAt = Math.max(full, ...penalties.filter((endsMs) => endsMs - now <= PENALTY_MS_MAX));
      if (nextAt <= now) break;
      const refusal = refuseTurn(nextAt, { nowMs: now, untilMs });
      if (refusal) throw refusal;
      await this.#sleep(nextAt - now, signal);
    }
    lane.sentAt.push(this.#now());
    if (lane.sentAt.length > this.#callsPerSecond) lane.sentAt.shift();
  }

  #laneOf({ limiterId, api }: LimiterKey): Lane {
    const key = JSON.stringify([limiterId, api]);
    const known = this.#lanes.get(key);
    if (known) return known;
    if (this.#lanes.size >= LANES_BEFORE_SWEEP) this.#sweep();
    const lane: Lane = { sentAt: [], pausedUntilMs: 0, waiting: 0, tail: Promise.resolve() };
    this.#lanes.set(key, lane);
    return lane;
  }

  #sweep(): void {
    const now = this.#now();
    for (const [key, lane] of this.#lanes) {
      const isIdle = lane.waiting === 0 && lane.pausedUntilMs <= now;
      if (isIdle && (lane.sentAt.at(-1) ?? 0) + WINDOW_MS <= now) this.#lanes.delete(key);
    }
    for (const [limiterId, untilMs] of this.#appPausedUntilMs) {
      if (untilMs <= now) this.#appPausedUntilMs.delete(limiterId);
    }
  }
}

async function settledOrAborted(ahead: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (!signal) return ahead;
  const aborted = Promise.withResolvers<never>();
  const giveUp = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    await Promise.race([ahead, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}
