import "server-only";
import { env } from "@/lib/env";
import { log } from "@/lib/log";
import { processWide } from "@/lib/process-wide";
import { LeasedLimiter } from "./call-limiter";
import { systemClock } from "./clock";
import { CircuitBreaker } from "./database-circuit-breaker";
import { DatabaseClock } from "./database-clock";
import { sharedState } from "./shared-state";

export const ourShare = () =>
  processWide("limiter.share", () => ({
    clock: systemClock,
    database: new DatabaseClock(systemClock),
    breaker: new CircuitBreaker(systemClock, (error) =>
      log.warn("shared limits unreachable, using a quarter of each", {
        error,
      }),
    ),
  }));

export const ourLimiter = (): LeasedLimiter =>
  processWide("limiter.leased", () => {
    const { DINGTALK_QPS: callsPerSecond, DINGTALK_IP_BUDGET: callsIn20Seconds } = env();
    const shared = sharedState(callsIn20Seconds);
    return new LeasedLimiter({ ...ourShare(), shared, callsPerSecond, callsIn20Seconds });
  });
