import { createDingtalk, type Dingtalk } from "@/lib/dingtalk/client";
import { createDispatcher } from "@/lib/dingtalk/hosts";
import { InProcessLimiter } from "@/lib/dingtalk/limiter";

/** The way to a simulator, with a clock that the test moves. */
export function makeWay(url: string, now: () => number = Date.now): Dingtalk {
  return createDingtalk({
    oapiUrl: url,
    apiUrl: url,
    dispatcher: createDispatcher(),
    limiter: new InProcessLimiter({ callsPerSecond: 1_000 }),
    now,
    random: () => 0,
    sleep: async () => {},
  });
}
