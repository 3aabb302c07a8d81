import "server-only";
import { RateLimiterPostgres, RateLimiterRes } from "rate-limiter-flexible";
import { pool } from "@/lib/db/connection-pools";
import { shapeDatabaseError } from "@/lib/db/errors";
import { hashedKey } from "./hashed-key";

/** A fixed-window limit that all processes share. Keys are stored hashed. */
export type WindowLimiter = {
  /** Counts one. Returns `null` if it fits the window, else milliseconds until the next window. */
  take(key: string): Promise<number | null>;
};

function refusalOf(thrown: unknown): RateLimiterRes {
  if (thrown instanceof RateLimiterRes) return thrown;
  throw thrown;
}

async function withTypedErrors<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw shapeDatabaseError(error);
  }
}

/** Returns a limiter that admits `points` in each window of `durationSeconds`. @param name prefix of the keys */
export function makeWindowLimiter(name: string, points: number, durationSeconds: number): WindowLimiter {
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
      const taken = await withTypedErrors(limiter.consume(await hashedKey(key)).catch(refusalOf));
      return taken.remainingPoints > 0 || taken.consumedPoints <= points ? null : taken.msBeforeNext;
    },
  };
}
