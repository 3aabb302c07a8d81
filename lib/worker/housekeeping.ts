import "server-only";
import { pruneCalls } from "@/lib/calls/log/prune-calls";
import { endQuotaMonth } from "@/lib/calls/quota/end-month";
import { pool } from "@/lib/db/clients";
import { pruneDirectories } from "@/lib/directory/retention/prune-directory";
import { pruneAnswers } from "@/lib/idempotency/idempotency";
import type { JobHandler } from "@/lib/jobs/handler";
import { type Chores, doChores, type Share, shareAt, walkOrganizations } from "@/lib/jobs/walk-organizations";
import { sweepLimiter } from "@/lib/limits/egress/sweep-limiter";
import { log } from "@/lib/log";
import { pruneNotices } from "@/lib/notices/prune-notices";
import { pruneTokenRecords } from "@/lib/tokens/store/prune-token-records";

/** Removes what each feature keeps for days only. */
const PRUNES: Chores = {
  pruneTokenRecords,
  endQuotaMonth,
  pruneNotices,
  pruneAnswers,
  pruneCalls,
  pruneDirectories,
};

/** What is pruned is kept for days, so each organization has its turn once a day, some in each minute. */
const PASS_MINUTES = 24 * 60;

/** Once an hour, in the minute of this share. */
const isHour = ({ part }: Share) => part % 60 === 0;

const SHARED: Readonly<Record<string, () => Promise<unknown>>> = {
  throttles: () => pool().query("DELETE FROM throttle WHERE expire < $1", [Date.now()]),
  // All that can be deleted outside of a unit of work: row security lets nothing through here but sessions that
  // have run out. With a WHERE it would have to read them, which it may not.
  sessions: () => pool().query("DELETE FROM sessions"),
  limiter: sweepLimiter,
};

/**
 * Removes records that were kept for long enough from the organizations of a share, and once an hour the counters and
 * sessions that have run out, those of people without an organization too. Nothing depends on it: each is checked where
 * it is read.
 */
export async function keepHouse(share: Share, signal: AbortSignal): Promise<void> {
  if (isHour(share)) {
    for (const [chore, work] of Object.entries(SHARED)) {
      await work().catch((error: unknown) => log.error("a chore of housekeeping failed", { chore, error }));
    }
  }
  await walkOrganizations((organizationId) => doChores(organizationId, PRUNES), signal, share);
}

export const housekeepingJob: JobHandler<"housekeeping"> = (_data, { signal }) =>
  keepHouse(shareAt(Date.now(), PASS_MINUTES), signal);
