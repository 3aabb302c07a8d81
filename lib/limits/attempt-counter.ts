import "server-only";
import { pool } from "@/lib/db/clients";
import { shapeDatabaseError } from "@/lib/db/errors";
import { hashedKey } from "./hashed-key";

/** A try that was counted before anybody knew whether it is a right one. */
export type CountedTry = {
  /** Until when it lets no other through, in milliseconds since the epoch; `null` for a free one. */
  readonly blocksUntilMs: number | null;
};

export type TryOutcome =
  | { readonly isLetThrough: true; readonly counted: CountedTry }
  | { readonly isLetThrough: false; readonly waitMs: number };

/**
 * Counts tries at something that is to be guessed, in all processes together. A try is counted when it
 * *begins*, and blocks those after it from then on: of any number at once no more are let through than
 * one after another.
 */
export type TryCounter = {
  /** Counts one, unless the key is blocked. */
  begin(key: string): Promise<TryOutcome>;
  /** Counts one, blocked or not. */
  count(key: string): Promise<void>;
  /** Takes back a try that turned out to be none, with the block that came with it. */
  giveBack(key: string, counted: CountedTry): Promise<void>;
  forget(key: string): Promise<void>;
};

// One statement, which waits for the row: whoever comes second sees what the first one left. A block outlives
// the window in which tries are counted.
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

const GIVE_BACK = `
  UPDATE throttle SET points = greatest(0, points - 1),
    blocked_until = CASE WHEN blocked_until = $2::bigint THEN NULL ELSE blocked_until END
  WHERE key = $1`;

async function ask(text: string, values: unknown[]): Promise<{ readonly until: number | null } | undefined> {
  try {
    return (await pool().query<{ until: number | null }>(text, values)).rows[0];
  } catch (error) {
    throw shapeDatabaseError(error);
  }
}

/**
 * @param name tells this counter's keys from another's
 * @param delaysMs how long the first, second, … try blocks those after it, 0 for a free one; the last also all
 *   further ones
 * @param windowMs how long after the first one all are forgotten
 */
export function makeTryCounter(name: string, delaysMs: readonly number[], windowMs: number): TryCounter {
  const stored = async (key: string) => `${name}:${await hashedKey(key)}`;
  const count = async (key: string, isForced: boolean) =>
    ask(COUNT, [await stored(key), Date.now(), windowMs, delaysMs, isForced]);
  return {
    begin: async (key) => {
      const counted = await count(key, false);
      if (counted) return { isLetThrough: true, counted: { blocksUntilMs: counted.until } };
      const blocked = await ask(BLOCKED, [await stored(key)]);
      // What blocked it may be over by now; then the next try tells.
      return { isLetThrough: false, waitMs: Math.max(1, (blocked?.until ?? 0) - Date.now()) };
    },
    count: async (key) => {
      await count(key, true);
    },
    giveBack: async (key, { blocksUntilMs }) => {
      await ask(GIVE_BACK, [await stored(key), blocksUntilMs]);
    },
    forget: async (key) => {
      await ask("DELETE FROM throttle WHERE key = $1", [await stored(key)]);
    },
  };
}
