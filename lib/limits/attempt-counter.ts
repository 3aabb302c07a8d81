import "server-only";
import { pool } from "@/lib/db/connection-pools";
import { shapeDatabaseError } from "@/lib/db/errors";
import { hashedKey } from "./hashed-key";

export type CountedAttempt = {
  /** Time until which it blocks further attempts, in milliseconds since the epoch; `null` if it blocks none. */
  readonly blocksUntilMs: number | null;
};

export type AttemptOutcome =
  | { readonly isAdmitted: true; readonly counted: CountedAttempt }
  | { readonly isAdmitted: false; readonly waitMs: number };

/** Counts attempts to guess a secret in all processes, from their *start*, so that parallel ones gain nothing. */
export type AttemptCounter = {
  begin(key: string): Promise<AttemptOutcome>;
  count(key: string): Promise<void>;
  /** Removes an attempt that was not a wrong guess, together with its block. */
  withdraw(key: string, counted: CountedAttempt): Promise<void>;
  forget(key: string): Promise<void>;
};

// One statement that waits for the row lock, so concurrent attempts see each other. A block may outlast the window.
const COUNT = `
  INSERT INTO throttle AS t (key, points, expire, blocked_until)
  VALUES ($1, 1, $2::bigint + $3::bigint, $2 + nullif(($4::bigint[])[1], 0))
  ON CONFLICT (key) DO UPDATE SET (points, expire, blocked_until) = (
    SELECT points, greatest(expire, blocked_until), blocked_until FROM (
      SELECT points, expire, $2 + nullif(($4::bigint[])[least(points, cardinality($4::bigint[]))], 0) AS blocked_until
      FROM (
        SELECT CASE WHEN t.expire <= $2 THEN 1 ELSE t.points + 1 END AS points,
          CASE WHEN t.expire <= $2 THEN excluded.expire ELSE t.expire END AS expire
      ) AS counted
    ) AS blocking
  )
  WHERE $5::boolean OR t.blocked_until IS NULL OR t.blocked_until <= $2
  RETURNING blocked_until::float8 AS until`;

const BLOCKED = "SELECT blocked_until::float8 AS until FROM throttle WHERE key = $1";

const WITHDRAW = `
  UPDATE throttle SET points = greatest(0, points - 1),
    blocked_until = CASE WHEN blocked_until = $2::bigint THEN NULL ELSE blocked_until END
  WHERE key = $1`;

async function query(
  text: string,
  values: unknown[],
): Promise<{ readonly until: number | null } | undefined> {
  try {
    return (await pool().query<{ until: number | null }>(text, values)).rows[0];
  } catch (error) {
    throw shapeDatabaseError(error);
  }
}

/**
 * Returns a counter whose attempts block further ones.
 * @param name prefix of the keys
 * @param delaysMs how long the first, second, … attempt blocks; the last entry is for all further ones
 * @param windowMs how long after the first attempt all are forgotten
 */
export function makeAttemptCounter(
  name: string,
  delaysMs: readonly number[],
  windowMs: number,
): AttemptCounter {
  const stored = async (key: string) => `${name}:${await hashedKey(key)}`;
  const count = async (key: string, isForced: boolean) =>
    query(COUNT, [await stored(key), Date.now(), windowMs, delaysMs, isForced]);
  return {
    begin: async (key) => {
      const counted = await count(key, false);
      if (counted) return { isAdmitted: true, counted: { blocksUntilMs: counted.until } };
      const blocked = await query(BLOCKED, [await stored(key)]);
      // The block may have ended since; the next attempt shows.
      return { isAdmitted: false, waitMs: Math.max(1, (blocked?.until ?? 0) - Date.now()) };
    },
    count: async (key) => {
      await count(key, true);
    },
    withdraw: async (key, { blocksUntilMs }) => {
      await query(WITHDRAW, [await stored(key), blocksUntilMs]);
    },
    forget: async (key) => {
      await query("DELETE FROM throttle WHERE key = $1", [await stored(key)]);
    },
  };
}
