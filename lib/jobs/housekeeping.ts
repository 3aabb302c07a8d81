import "server-only";
import { pool } from "@/lib/db/clients";
import { sweepLimiter } from "@/lib/limiter/sweep-limiter";
import type { JobHandler } from "./handler";

/**
 * Takes away counters and sessions that have run out, those of people without an organization too. Nothing
 * depends on it: each is checked where it is read.
 */
export const housekeepingJob: JobHandler<"housekeeping"> = async () => {
  await pool().query("DELETE FROM throttle WHERE expire < $1", [Date.now()]);
  // All that can be deleted outside of a unit of work: row security lets nothing through here but sessions that
  // have run out. With a WHERE it would have to read them, which it may not.
  await pool().query("DELETE FROM sessions");
  await sweepLimiter();
};
