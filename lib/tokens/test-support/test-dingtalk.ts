import { type Actor, grantToKey } from "@/lib/auth/actor";
import { createDingtalk, type Dingtalk } from "@/lib/dingtalk/client";
import { createDispatcher } from "@/lib/dingtalk/dispatcher";
import { InProcessLimiter } from "@/lib/dingtalk/limiter";
import { makeTokenService } from "../renewal/token-service";

/** Returns a client of a simulator, with a clock that the test moves. */
export function makeTestDingtalk(url: string, now: () => number = Date.now): Dingtalk {
  return createDingtalk({
    oapiUrl: url,
    apiUrl: url,
    dispatcher: createDispatcher({ connections: 50 }),
    limiter: new InProcessLimiter({ callsPerSecond: 1_000 }),
    now,
    random: () => 0,
    sleep: async () => {},
  });
}

/**
 * Returns a token service whose renewals stop between the claim and the call to DingTalk until `release`. Its clock stops
 * too, since the claim would expire otherwise.
 */
export function makePausedTokenService(dingtalk: Dingtalk) {
  const [claimed, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const startedAt = dingtalk.now();
  const limiter = {
    penalize: () => {},
    take: () => {
      claimed.resolve();
      return released.promise;
    },
  };
  return {
    service: makeTokenService({ ...dingtalk, now: () => startedAt, limiter }),
    claimed: claimed.promise,
    release: () => released.resolve(),
  };
}

const KEY_ID = "018f0000-0000-7000-8000-00000000000a";

/** Returns an API key that may read an organization's tokens. */
export const tokenReader = ({ organizationId }: { readonly organizationId: string }): Actor<"token.read"> =>
  grantToKey({ organizationId, keyId: KEY_ID, scopes: new Set(["token:read"]) }, "token:read");
