import "server-only";
import { pruneAnswers } from "@/lib/auth/keys/prune-answers";
import { pruneCalls } from "@/lib/calls/log/prune-calls";
import { endQuotaMonth } from "@/lib/calls/quota/end-month";
import { pool } from "@/lib/db/clients";
import { pruneDirectories } from "@/lib/directory/prune-directory";
import { sweepLimiter } from "@/lib/limiter/sweep-limiter";
import { pruneNotices } from "@/lib/notices/prune-notices";
import { pruneTokenRecords } from "@/lib/tokens/prune-token-records";
import type { JobHandler } from "./handler";
import { walkOrganizations } from "./walk-organizations";

/** What each feature keeps or tells for a time only, an organization at a time. */
const PRUNES: readonly ((organizationId: string) => Promise<unknown>)[] = [
  pruneTokenRecords,
  endQuotaMonth,
  pruneNotices,
  pruneAnswers,
  pruneCalls,
  pruneDirectories,
];

/**
 * Takes away counters and sessions that have run out, those of people without an organization too, and records
 * that were kept for long enough. Nothing depends on it: each is checked where it is read.
 */
export const housekeepingJob: JobHandler<"housekeeping"> = async (_data, { signal }) => {
  await pool().query("DELETE FROM throttle WHERE expire < $1", [Date.now()]);
  // All that can be deleted outside of a unit of work: row security lets nothing through here but sessions that
  // have run out. With a WHERE it would have to read them, which it may not.
  await pool().query("DELETE FROM sessions");
  await sweepLimiter();
  await walkOrganizations(async (organizationId) => {
    for (const prune of PRUNES) await prune(organizationId);
  }, signal);
};
