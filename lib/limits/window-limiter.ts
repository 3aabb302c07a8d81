import "server-only";
import { RateLimiterPostgres, RateLimiterRes } from "rate-limiter-flexible";
import { pool } from "@/lib/db/clients";
import { shapeDatabaseError } from "@/lib/db/errors";
import { hashedKey } from "./hashed-key";

/** A limit that all processes share, for keys that tell nobody's address or e-mail. */
export type Throttle = {
  /** Counts one; `null` when it still fits, else milliseconds until it would. */
  take(key: string): Promise<number | null>;
};

/** A full window is an answer and no failure, though the library throws it. */
function refusalOf(thrown: unknown): RateLimiterRes {
  if (thrown instanceof RateLimiterRes) return thrown;
  throw thrown;
}

async function asked<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw shapeDatabaseError(error);
  }
}

/**
 * @param name tells this limit's keys from another's
 * @param points how many fit into `durationSeconds`
 */
export function makeThrottle(name: string, points: number, durationSeconds: number): Throttle {
  const limiter = new RateLimiterPostgres({
    storeClient: pool(),
    storeType: "pool",
    tableName: "throttle",
    tableCreated: true,
    clearExpiredByTimeout: false,
    keyPrefix: name,
    points,
    duration: durationSeconds,
  });
  return {
    take: async (key) => {
      const taken = await asked(limiter.consume(await hashedKey(key)).catch(refusalOf));
      return taken.remainingPoints > 0 || taken.consumedPoints <= points ? null : taken.msBeforeNext;
    },
  };
}
