import "server-only";
import type { Dingtalk } from "@/lib/dingtalk/client";
import { processWide } from "@/lib/process-wide";
import type { Redacted } from "@/lib/redacted";
import { ourDingtalk } from "@/lib/upstream/our-dingtalk";
import { Flights } from "./flights";
import { TokenMemory } from "./token-memory";

/**
 * One exchange for a token, and both for one renewal: the older host's, when the new one can't be reached.
 * Nothing is repeated within a renewal, since DingTalk counts calls: its repeats are renewals of their own.
 */
const EXCHANGE_MS_MAX = 5_000;
export const RENEWAL_MS_MAX = 12_000;
/** Whoever renews and is killed holds the others up no longer than this. */
export const CLAIM_MS = RENEWAL_MS_MAX + 3_000;
/** A dead claim, and then a renewal of one's own. */
const FLIGHT_MS_MAX = CLAIM_MS + RENEWAL_MS_MAX + 8_000;

/** What keeps tokens in one process: the way to DingTalk, the clock, and what the process remembers. */
export type Keeper = {
  /** Its `now` and `random` are the keeper's too. */
  readonly dingtalk: Dingtalk;
  readonly memory: TokenMemory;
  readonly flights: Flights<Redacted | null>;
};

export const makeKeeper = (dingtalk: Dingtalk): Keeper => ({
  dingtalk: { ...dingtalk, timeoutMs: EXCHANGE_MS_MAX, totalMs: RENEWAL_MS_MAX, triesMax: 1 },
  memory: new TokenMemory(),
  flights: new Flights(FLIGHT_MS_MAX),
});

/** The process's own. */
export const ourKeeper = (): Keeper => processWide("tokens.keeper", () => makeKeeper(ourDingtalk()));
