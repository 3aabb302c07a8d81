import "server-only";
import { pool } from "@/lib/db/connection-pools";

const BATCH = 1_000;
const LANE_MS = 24 * 60 * 60_000;

const NOW = "extract(epoch FROM clock_timestamp()) * 1000";

/** Condition of expired rows per table. Locked rows are in use and skipped. */
const OVER = {
  call_lane: `greatest(next_at, wanted_until, paused_until, rate_until, 0) < ${NOW} - ${LANE_MS}`,
  egress_second: `second < ${NOW} / 1000 - 60`,
  request_minute: `minute < ${NOW} / 60000 - 2`,
} as const;

/** Deletes lanes unused for a day and past seconds and minutes, in batches. */
export async function sweepLimiter(): Promise<void> {
  for (const [table, isOver] of Object.entries(OVER)) {
    const statement = `
      DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM ${table} WHERE ${isOver} LIMIT ${BATCH} FOR UPDATE SKIP LOCKED))`;
    for (;;) if (((await pool().query(statement)).rowCount ?? 0) < BATCH) break;
  }
}
