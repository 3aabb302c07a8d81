import "server-only";
import { setTimeout as delay } from "node:timers/promises";
import type { AppRef } from "@/lib/app-ref";
import { notedFor } from "@/lib/calls/own-calls";
import type { AccessToken } from "@/lib/dingtalk/access-token";
import type { Dingtalk } from "@/lib/dingtalk/client";
import { requestAccessTokenWithFallback } from "@/lib/dingtalk/tokens";
import { processWide } from "@/lib/process-wide";
import { Flights } from "@/lib/single-flight";
import { ourDingtalk } from "@/lib/upstream/our-dingtalk";
import type { RowClaim } from "../store/claim";
import { TokenMemory } from "../store/token-memory";
import { TOKEN_TABLE } from "../store/token-table";
import type { Answer } from "../store/write-token";
import type { HeldToken } from "./lease-policy";
import type { Claim } from "./token-row";
import { sqlTokenStore, type TokenStore } from "./token-store";

/**
 * One exchange for a token, and both for one renewal: the older host's, when the new one can't be reached.
 * Nothing is repeated within a renewal, since DingTalk counts calls: its repeats are renewals of their own.
 */
const EXCHANGE_MS_MAX = 4_500;
export const RENEWAL_MS_MAX = 10_000;
/**
 * How long the claim of whoever renews and is killed stands. Others are held up for this, a second until they look
 * again, and a renewal of their own: 15 s in all.
 */
export const CLAIM_MS = RENEWAL_MS_MAX + 2_500;
/** A dead claim, and then a renewal of one's own. */
const FLIGHT_MS_MAX = CLAIM_MS + RENEWAL_MS_MAX + 8_000;

/**
 * What keeps tokens in one process. Everything that it does goes through here, so that a test may stand in for
 * the database, DingTalk and the time.
 */
export type Keeper<C extends RowClaim = Claim, A extends Answer = AccessToken> = {
  readonly store: TokenStore<C, A>;
  /** Asks DingTalk, and ends within `RENEWAL_MS_MAX`. @throws {DingtalkError} */
  exchange(app: AppRef, claim: C): Promise<A>;
  /** What is asked, and where, as failures of our own name it. */
  readonly upstream: { readonly api: string; readonly host: string };
  readonly memory: TokenMemory;
  readonly flights: Flights<HeldToken | null>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** 0 up to 1. */
  random(): number;
  pause(ms: number, signal: AbortSignal): Promise<void>;
};

/** One that lives in real time, by the clock of the way to DingTalk. */
export function keeperOf<C extends RowClaim, A extends Answer>(
  { now, random }: Pick<Dingtalk, "now" | "random">,
  parts: Pick<Keeper<C, A>, "store" | "exchange" | "upstream" | "memory">,
): Keeper<C, A> {
  const pause = (ms: number, signal: AbortSignal): Promise<void> => delay(ms, undefined, { signal });
  return { ...parts, flights: new Flights(FLIGHT_MS_MAX), now, random, pause };
}

/** The way to DingTalk for a renewal. */
export const forRenewal = (dingtalk: Dingtalk): Dingtalk => ({
  ...dingtalk,
  timeoutMs: EXCHANGE_MS_MAX,
  totalMs: RENEWAL_MS_MAX,
  triesMax: 1,
});

export function makeKeeper(dingtalk: Dingtalk): Keeper {
  const { host } = new URL(dingtalk.apiUrl);
  const way = forRenewal(dingtalk);
  return keeperOf(dingtalk, {
    store: sqlTokenStore(host),
    exchange: (app, { credentials }) => requestAccessTokenWithFallback(notedFor(way, app), credentials),
    upstream: { api: "v1.0/oauth2/accessToken", host },
    memory: new TokenMemory(TOKEN_TABLE.notice),
  });
}

/** The process's own. */
export const ourKeeper = (): Keeper => processWide("tokens.keeper", () => makeKeeper(ourDingtalk()));
