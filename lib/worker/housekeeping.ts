import "server-only";
import { sweepProbes } from "@/lib/app-health/probe-app";
import { pruneCalls } from "@/lib/calls/log/prune-calls";
import { endQuotaMonth } from "@/lib/calls/quota/count-calls";
import { pool } from "@/lib/db/connection-pools";
import { sweepErased } from "@/lib/dingtalk-apps/erase-app";
import { pruneDirectories } from "@/lib/directory/retention/prune-directory";
import { sweepSyncs } from "@/lib/directory/runs/sweep-runs";
import { sweepSearch } from "@/lib/directory/search/index-directory";
import { pruneEvents } from "@/lib/events/prune-events";
import { sweepRecovery } from "@/lib/events/recover/schedule-recovery";
import { sweepEvents } from "@/lib/events/sweep-events";
import { pruneAnswers } from "@/lib/idempotency/idempotency";
import type { JobHandler } from "@/lib/jobs/queues";
import {
  type OrganizationTasks,
  runTasks,
  type Share,
  shareAt,
  walkOrganizations,
} from "@/lib/jobs/walk-organizations";
import { sweepLimiter } from "@/lib/limits/egress/sweep-limiter";
import { log } from "@/lib/log";
import { pruneNotices } from "@/lib/notices/prune-notices";
import { pruneTokenHistory } from "@/lib/tokens/history/prune-history";
import { sweepRenewals } from "@/lib/tokens/renewal/sweep-renewals";
import { sweepWebhooks } from "@/lib/webhooks/delivery/sweep-webhooks";
import { pruneWebhooks } from "@/lib/webhooks/events/prune-webhooks";

const SWEEPS: OrganizationTasks = {
  sweepRenewals,
  sweepProbes,
  sweepSyncs,
  sweepSearch,
  sweepEvents,
  sweepRecovery,
  sweepErased,
  sweepWebhooks,
};

/** Interval of both jobs. Each visits a share of the organizations. */
export const JOB_SECONDS = 60;

/** Time in which the sweep visits every organization once. It only repairs the queue; work has its own jobs. */
const SWEEP_MINUTES = 4 * 60;

export const sweepOrganization = (organizationId: string): Promise<void> => runTasks(organizationId, SWEEPS);

export const sweepJob: JobHandler<"sweep"> = (_data, { signal }) =>
  walkOrganizations(sweepOrganization, signal, shareAt(Date.now(), SWEEP_MINUTES));

const PRUNES: OrganizationTasks = {
  pruneTokenHistory,
  endQuotaMonth,
  pruneNotices,
  pruneAnswers,
  pruneCalls,
  pruneEvents,
  pruneDirectories,
  pruneWebhooks,
};

/** Time in which housekeeping visits every organization once. Pruned records are kept for days, so a day is enough. */
const HOUSEKEEPING_MINUTES = 24 * 60;

const isFirstMinuteOfHour = ({ part }: Share) => part % 60 === 0;

const SHARED: Readonly<Record<string, () => Promise<unknown>>> = {
  throttles: () => pool().query("DELETE FROM throttle WHERE expire < $1", [Date.now()]),
  // Without a WHERE, which would have to read sessions. Outside a unit of work, row security lets this role delete only
  // expired ones, and read none.
  sessions: () => pool().query("DELETE FROM sessions"),
  limiter: sweepLimiter,
};

/**
 * Deletes expired records of a share of the organizations, and hourly those that belong to none. Readers check expiry.
 */
export async function runHousekeeping(share: Share, signal: AbortSignal): Promise<void> {
  if (isFirstMinuteOfHour(share)) {
    for (const [task, run] of Object.entries(SHARED)) {
      await run().catch((error: unknown) => log.error("housekeeping task failed", { task, error }));
    }
  }
  await walkOrganizations((organizationId) => runTasks(organizationId, PRUNES), signal, share);
}

export const housekeepingJob: JobHandler<"housekeeping"> = (_data, { signal }) =>
  runHousekeeping(shareAt(Date.now(), HOUSEKEEPING_MINUTES), signal);
