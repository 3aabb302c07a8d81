import { shareClass } from "@/lib/shared-class";
import { type Sleep, sleep as sleepInRealTime } from "./time-limit";

/** Who waits for a call: a person or a service, or a job that has time. The first go before the second. */
export type Priority = "interactive" | "background";

/** DingTalk counts each app's calls of each API apart. */
export type LimiterKey = {
  /** Names DingTalk's own app: its AppKey, or a SuiteKey with a CorpId. Whoever gives the same shares its limit. */
  readonly limiterId: string;
  /** The route's template, such as `topapi/v2/department/listsub`. */
  readonly api: string;
};

/** A call that wants to be sent. */
export type Turn = LimiterKey & {
  /** What DingTalk allows this app by its edition, for each API; the server's own value where it is left out. */
  readonly callsPerSecond?: number;
  /** Default `interactive`. */
  readonly priority?: Priority;
  /** How long the caller has time to wait for the turn; without limit where it is left out. */
  readonly waitMs?: number;
};

/** An app's one API, or with `null` all that the app calls; or everything that leaves by this server's address. */
export type PenaltyKey = { readonly limiterId: string; readonly api: string | null } | "egress";

/** Holds calls back before they are sent. The form of one process is below; `lib/limits/egress` has the one that processes share. */
export type Limiter = {
  /**
   * Resolves when the call may be sent; rejects with the signal's reason when it aborts.
   *
   * @throws {EgressBanned} at once, while DingTalk answers nobody at this server's address
   * @throws {TurnTooLate} as soon as the limits, and not this process's own slowness, put the turn beyond `waitMs`
   */
  take(turn: Turn, signal?: AbortSignal): Promise<void>;
  /** Lets nothing of `key` pass before `untilMs`, in milliseconds since the epoch. */
  penalize(key: PenaltyKey, untilMs: number): void | Promise<void>;
};

/** DingTalk has banned this server's address: nobody's call is sent before the ban is over. */
export class EgressBanned extends Error {
  static {
    shareClass(EgressBanned, "EgressBanned");
  }

  override readonly name = "EgressBanned";
  /** Milliseconds until it is. */
  readonly waitMs: number;

  constructor(waitMs: number) {
    super("DingTalk has banned this server's address for a while");
    this.waitMs = waitMs;
  }
}

/** The limits let the call leave only after its caller's time. */
export class TurnTooLate extends Error {
  static {
    shareClass(TurnTooLate, "TurnTooLate");
  }

  override readonly name = "TurnTooLate";
  /** Milliseconds until the turn. */
  readonly waitMs: number;

  constructor(waitMs: number) {
    super("the limits let this call leave only later");
    this.waitMs = waitMs;
  }
}

/** A turn that is this near is never refused: the caller's time may be up only because this process was slow. */
export const NEAR_MS = 1_000;

/** Returns the refusal of a turn that is later than its caller has time; `null` for none. All times are of one clock. */
export const refuseTurn = (
  turnAtMs: number,
  { nowMs, untilMs }: { readonly nowMs: number; readonly untilMs: number },
): TurnTooLate | null =>
  turnAtMs > Math.max(untilMs, nowMs + NEAR_MS) ? new TurnTooLate(turnAtMs - nowMs) : null;

export type LimiterOptions = {
  /** Calls within any one second for each app and API. Default 20, DingTalk's limit of its standard edition. */
  readonly callsPerSecond?: number;
  readonly now?: () => number;
  readonly sleep?: Sleep;
};

const CALLS_PER_SECOND_DEFAULT = 20;
/** DingTalk counts calls where they arrive, and two that leave a second apart may arrive closer than that. */
const ARRIVAL_MARGIN_MS = 50;
const WINDOW_MS = 1_000 + ARRIVAL_MARGIN_MS;
/** DingTalk asks for minutes at most; a time further ahead is a clock that was set back. */
export const PENALTY_MS_MAX = 15 * 60_000;
const LANES_BEFORE_SWEEP = 1_000;

/** The calls of one key: they leave in the order in which they came. */
type Lane = {
  /** When the last calls left, oldest first; as many as a second allows. */
  sentAt: number[];
  pausedUntilMs: number;
  waiting: number;
  tail: Promise<void>;
};

/**
 * A bucket for each app and API whose tokens come back a good second after they were spent, so that no window
 * of a second ever holds more than `callsPerSecond` calls, not even across two refills.
 */
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
      // After a clock was set back, what is in the future would hold the lane for as long as it was set back
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

  /** Forgets what no longer holds anybody back. */
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

/** Waits for those ahead, but no longer than the caller does. */
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
