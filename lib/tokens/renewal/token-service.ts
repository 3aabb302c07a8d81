import "server-only";
import { setTimeout as delay } from "node:timers/promises";
import type { AppRef } from "@/lib/app-ref";
import { withCallRecording } from "@/lib/calls/own-calls";
import type { AccessToken } from "@/lib/dingtalk/access-token";
import type { Dingtalk } from "@/lib/dingtalk/client";
import { requestAccessTokenWithFallback } from "@/lib/dingtalk/tokens";
import { processWide } from "@/lib/process-wide";
import { SingleFlight } from "@/lib/single-flight";
import { ourDingtalk } from "@/lib/upstream/dingtalk-connections";
import type { RowClaim } from "../store/claim";
import { type StoredToken, TOKEN_TABLE } from "../store/stored-token";
import { TokenMemory } from "../store/token-memory";
import type { Answer } from "../store/write-token";
import { EXCHANGE_MS_MAX, RENEWAL_MS_MAX, REQUEST_MS_MAX } from "./renewal-policy";
import { sqlTokenStore, type TokenClaim, type TokenStore } from "./token-store";

/** Everything that token requests of one process use. Tests replace the database, DingTalk and the clock. */
export type TokenService<C extends RowClaim = TokenClaim, A extends Answer = AccessToken> = {
  readonly store: TokenStore<C, A>;
  /** Asks DingTalk for a token, within `RENEWAL_MS_MAX`. @throws {DingtalkError} */
  exchange(app: AppRef, claim: C): Promise<A>;
  /** The API and host named in failures that Dingkeep raises itself. */
  readonly upstream: { readonly api: string; readonly host: string };
  readonly memory: TokenMemory;
  readonly singleFlight: SingleFlight<StoredToken | null>;
  readonly now: () => number;
  random(): number;
  pause(ms: number, signal: AbortSignal): Promise<void>;
};

export function tokenServiceOf<C extends RowClaim, A extends Answer>(
  { now, random }: Pick<Dingtalk, "now" | "random">,
  parts: Pick<TokenService<C, A>, "store" | "exchange" | "upstream" | "memory">,
): TokenService<C, A> {
  const pause = (ms: number, signal: AbortSignal): Promise<void> => delay(ms, undefined, { signal });
  return { ...parts, singleFlight: new SingleFlight(REQUEST_MS_MAX), now, random, pause };
}

export const withRenewalTimeouts = (dingtalk: Dingtalk): Dingtalk => ({
  ...dingtalk,
  timeoutMs: EXCHANGE_MS_MAX,
  totalMs: RENEWAL_MS_MAX,
  triesMax: 1,
});

export function makeTokenService(dingtalk: Dingtalk): TokenService {
  const { host } = new URL(dingtalk.apiUrl);
  const client = withRenewalTimeouts(dingtalk);
  return tokenServiceOf(dingtalk, {
    store: sqlTokenStore(host),
    exchange: (app, { credentials }) =>
      requestAccessTokenWithFallback(withCallRecording(client, app), credentials),
    upstream: { api: "v1.0/oauth2/accessToken", host },
    memory: new TokenMemory(TOKEN_TABLE.notice),
  });
}

export const ourTokenService = (): TokenService =>
  processWide("tokens.service", () => makeTokenService(ourDingtalk()));
