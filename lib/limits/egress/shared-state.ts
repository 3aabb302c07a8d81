import "server-only";
import type { QueryConfig, QueryResultRow } from "pg";
import { pool } from "@/lib/db/connection-pools";
import { PENALTY_MS_MAX } from "@/lib/dingtalk/limiter";
import { hashedKey } from "../hashed-key";
import { callsPerWholeSecond } from "./address-budget";
import { RATE_SHARE } from "./app-rate";
import type { LaneAnswer, LaneQuestion, SharedState } from "./call-limiter";

/** A stated rate of an app counts for this long after it was last stated. */
const RATE_MS = 60 * 60_000;
const RATE_AGAIN_MS = 10 * 60_000;
/** No lease reaches further ahead. A later time comes from a clock that was set back since. */
const AHEAD_MS_MAX = 60_000;
const QUERY_MS_MAX = 1_000;

const NOW = "(extract(epoch FROM clock_timestamp()) * 1000)::float8";

/**
 * Leases send times in one statement: $1 key of the lane, $2 key of the app, $3 count, $4 rate, $5 whether a caller stated
 * the rate, $6 earliest time from now, $7 whether the call is a background call. A stated rate is written only if it
 * changes, because all lanes of the app share that row.
 */
const LEASE_TIMES = `
  WITH clock AS MATERIALIZED (SELECT ${NOW} AS now),
  app AS MATERIALIZED (SELECT paused_until, calls_per_second, rate_until FROM call_lane WHERE key = $2),
  pace AS MATERIALIZED (
    SELECT now, now + $6::float8 AS earliest, 1000 / (${RATE_SHARE} * least($4::float8,
      CASE WHEN rate_until > now THEN calls_per_second END)) AS spacing
    FROM clock LEFT JOIN app ON true),
  stated AS (
    INSERT INTO call_lane AS a (key, calls_per_second, rate_until)
    SELECT $2, $4::float8, now + ${RATE_MS} FROM clock LEFT JOIN app ON true
    WHERE $5::boolean AND (coalesce(rate_until, 0) <= now OR $4::float8 < calls_per_second
      OR ($4::float8 = calls_per_second AND rate_until < now + ${RATE_MS - RATE_AGAIN_MS}))
    ON CONFLICT (key) DO UPDATE SET (calls_per_second, rate_until) = (
      SELECT CASE WHEN is_less THEN a.calls_per_second ELSE excluded.calls_per_second END,
        CASE WHEN is_less THEN a.rate_until ELSE excluded.rate_until END
      FROM (SELECT coalesce(a.rate_until > now AND a.calls_per_second < excluded.calls_per_second, false) AS is_less FROM clock) AS present)),
  lane AS (
    INSERT INTO call_lane AS l (key, next_at, wanted_until)
    SELECT $1, earliest + $3 * spacing, CASE WHEN NOT $7::boolean THEN earliest + ($3 + 1) * spacing END FROM pace
    ON CONFLICT (key) DO UPDATE SET (next_at, wanted_until) = (
      SELECT ends, CASE WHEN $7 THEN l.wanted_until ELSE ends + spacing END FROM (
        SELECT spacing, $3 * spacing + greatest(earliest,
          CASE WHEN l.next_at < now + ${AHEAD_MS_MAX} THEN l.next_at END) AS ends FROM pace) AS next)
    WHERE (l.paused_until IS NULL OR l.paused_until <= (SELECT now FROM clock))
      AND (NOT $7 OR l.wanted_until IS NULL
        OR l.wanted_until NOT BETWEEN (SELECT now FROM clock) AND (SELECT now + ${AHEAD_MS_MAX} FROM clock))
    RETURNING next_at - $3 * (SELECT spacing FROM pace) AS starts_at)
  SELECT pace.now, spacing AS "spacingMs", starts_at AS "startsAt", greatest(held.paused_until, app.paused_until) AS "pausedUntil",
    held.wanted_until AS "wantedUntil", (extract(epoch FROM ends_at) * 1000)::float8 AS "bannedUntil"
  FROM pace LEFT JOIN app ON true LEFT JOIN lane ON true LEFT JOIN call_lane held ON held.key = $1
    LEFT JOIN egress_ban ON true`;

const LEASE_EGRESS = `
  WITH clock AS MATERIALIZED (SELECT ${NOW} AS now)
  INSERT INTO egress_second AS s (second, calls) SELECT floor((now + $2::float8) / 1000), $1::int FROM clock
  ON CONFLICT (second) DO UPDATE SET calls = s.calls + excluded.calls
  RETURNING second::float8, calls, (SELECT now FROM clock)`;

// A time beyond any penalty comes from a clock that was set back since, and must not stay.
const PAUSE = `
  WITH clock AS MATERIALIZED (SELECT ${NOW} AS now)
  INSERT INTO call_lane AS l (key, paused_until) SELECT $1, now + $2::float8 FROM clock
  ON CONFLICT (key) DO UPDATE SET paused_until = greatest(excluded.paused_until,
    CASE WHEN l.paused_until <= excluded.paused_until - $2::float8 + $3::float8 THEN l.paused_until END)`;

const BAN = `
  INSERT INTO egress_ban AS b (key, began_at, ends_at) VALUES ('egress', now(), now() + $1::float8 * interval '1 ms')
  ON CONFLICT (key) DO UPDATE SET ends_at = greatest(b.ends_at, excluded.ends_at),
    began_at = CASE WHEN b.ends_at > now() THEN b.began_at ELSE excluded.began_at END`;

const FORGET_RATE = "UPDATE call_lane SET calls_per_second = NULL, rate_until = NULL WHERE key = $1";

const appKeyOf = (limiterId: string) => hashedKey(`app:${limiterId}`);
const laneKeyOf = (limiterId: string, api: string) => hashedKey(`lane:${JSON.stringify([limiterId, api])}`);

async function query<Row extends QueryResultRow>(text: string, values: unknown[]): Promise<Row[]> {
  // Shorter than the pool's limit for pages, because a call to DingTalk waits for the answer.
  const question: QueryConfig & { query_timeout: number } = { text, values, query_timeout: QUERY_MS_MAX };
  return (await pool().query<Row>(question)).rows;
}

async function leaseTimes(question: LaneQuestion): Promise<LaneAnswer> {
  const { limiterId, api, count, callsPerSecond, isStated, aheadMs, priority } = question;
  const keys = await Promise.all([laneKeyOf(limiterId, api), appKeyOf(limiterId)]);
  const values = [...keys, count, callsPerSecond, isStated, aheadMs, priority === "background"];
  const [answer] = await query<LaneAnswer>(LEASE_TIMES, values);
  if (!answer) throw new Error("a lease has no row");
  return answer;
}

/** Returns access to the limiter's tables. @param callsIn20Seconds budget of this server's address */
export const sharedState = (callsIn20Seconds: number): SharedState => ({
  leaseTimes,
  async leaseEgress(count, aheadMs) {
    const [row] = await query<{ second: number; calls: number; now: number }>(LEASE_EGRESS, [count, aheadMs]);
    if (!row) throw new Error("a lease has no row");
    const left = callsPerWholeSecond(callsIn20Seconds) - (row.calls - count);
    return { now: row.now, second: row.second, count: Math.max(0, Math.min(count, left)) };
  },
  async pause({ limiterId, api }, ms) {
    const key = await (api === null ? appKeyOf(limiterId) : laneKeyOf(limiterId, api));
    await query(PAUSE, [key, ms, PENALTY_MS_MAX]);
  },
  async ban(ms) {
    await query(BAN, [ms]);
  },
});

/** Deletes the stated rate of an app. Callers that still have one state it again with their next call. */
export async function forgetRate(limiterId: string): Promise<void> {
  await query(FORGET_RATE, [await appKeyOf(limiterId)]);
}
