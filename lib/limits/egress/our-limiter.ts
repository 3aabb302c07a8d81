import "server-only";
import { env } from "@/lib/env";
import { log } from "@/lib/log";
import { processWide } from "@/lib/process-wide";
import { systemClock } from "./clock";
import { DatabaseClock } from "./database-clock";
import { LeasedLimiter } from "./leased-limiter";
import { Reach } from "./reach";
import { sharedState } from "./shared-state";

/** This process's way to what the processes share: the database's time, and whether it is there. */
export const ourShare = () =>
  processWide("limiter.share", () => ({
    clock: systemClock,
    database: new DatabaseClock(systemClock),
    reach: new Reach(systemClock, (error) =>
      log.warn("the limits that processes share can't be asked for, so this one keeps to a part of them", {
        error,
      }),
    ),
  }));

/** The limiter of all processes on this database, as this server is configured. */
export const ourLimiter = (): LeasedLimiter =>
  processWide("limiter.leased", () => {
    const { DINGTALK_QPS: callsPerSecond, DINGTALK_IP_BUDGET: callsIn20Seconds } = env();
    const shared = sharedState(callsIn20Seconds);
    return new LeasedLimiter({ ...ourShare(), shared, callsPerSecond, callsIn20Seconds });
  });
