import type { Dingtalk } from "@/lib/dingtalk/client";
import { makeKeeper } from "../renewal/token-service";

/**
 * A keeper whose renewals stand still, after the claim and before DingTalk is asked, until they are let go. So
 * does its clock, or its time would be up by then.
 */
export function heldKeeper(way: Dingtalk) {
  const [claimed, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const startedAt = way.now();
  const limiter = {
    penalize: () => {},
    take: () => {
      claimed.resolve();
      return released.promise;
    },
  };
  return {
    keeper: makeKeeper({ ...way, now: () => startedAt, limiter }),
    claimed: claimed.promise,
    release: () => released.resolve(),
  };
}
