import "server-only";
import { createHmac } from "node:crypto";
import { RateLimiterPostgres, RateLimiterRes } from "rate-limiter-flexible";
import { env } from "@/lib/env";
import { pool } from "./clients";
import { shapeDatabaseError } from "./errors";

/** A limit that all processes share, for keys that tell nobody's address or e-mail. */
export type Throttle = {
  /** Counts one and answers how many there are in the window. */
  count(key: string): Promise<number>;
  /** Counts one; `null` when it still fits, else milliseconds until it would. */
  take(key: string): Promise<number | null>;
  /** Milliseconds for which the key is blocked; 0 when it isn't. */
  blockedMs(key: string): Promise<number>;
  block(key: string, seconds: number): Promise<void>;
  forget(key: string): Promise<void>;
};

/** What a table of counters may hold of a key: a keyed hash. */
const hashed = (key: string) =>
  createHmac("sha256", env().NEXTAUTH_SECRET[0] ?? "")
    .update(`throttle:${key}`)
    .digest("base64url");

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
    count: async (key) => (await asked(limiter.penalty(hashed(key)))).consumedPoints,
    take: async (key) => {
      const taken = await asked(limiter.consume(hashed(key)).catch(refusalOf));
      return taken.remainingPoints > 0 || taken.consumedPoints <= points ? null : taken.msBeforeNext;
    },
    blockedMs: async (key) => {
      const state = await asked(limiter.get(hashed(key)));
      return state && state.consumedPoints > points ? Math.max(0, state.msBeforeNext) : 0;
    },
    block: async (key, seconds) => {
      await asked(limiter.block(hashed(key), seconds));
    },
    forget: async (key) => {
      await asked(limiter.delete(hashed(key)));
    },
  };
}
