import "server-only";
import { createHash } from "node:crypto";
import { type AppRef, keyOf, type RunRef } from "@/lib/app-ref";
import { runSql, type Work } from "@/lib/db/run-sql";
import type { Tx } from "@/lib/db/unit-of-work";
import { type AppIdentity } from "@/lib/dingtalk/credentials";
import { limiterIdOf } from "@/lib/dingtalk/limiter-id";
import { removeWaitingJobs, sendJob } from "@/lib/jobs/send-job";

const IDENTITY = `
  SELECT kind::text, app_key AS key, corp_id AS "corpId" FROM dingtalk_app
  WHERE organization_id = $1::uuid AND id = $2::uuid`;

/** Reads ids and ranks of all organizations' jobs. The queue is outside row security and holds no tenant's data. */
const RANKS = `
  SELECT -min(priority) FILTER (WHERE state = 'active') AS active,
    -max(priority) FILTER (WHERE state < 'active' AND start_after <= now()) AS waiting,
    -min(priority) FILTER (WHERE group_id = $1::text OR data ->> 'appKeyHash' = $2::text) AS same
  FROM pgboss.job WHERE name = 'sync' AND state <= 'active'`;

/** Without this lock, two syncs queued at once for one organization would get the same rank. */
const LOCK_RANKS = `
  SELECT 1 AS locked FROM pg_advisory_xact_lock(hashtextextended('dingkeep.sync.rank:' || $1::text, 0))`;

/** Returns a hash of the AppKey, which must not be readable in the queue (S18). */
const hashOf = (identity: AppIdentity): number =>
  createHash("sha256").update(limiterIdOf(identity)).digest().readUIntBE(0, 6);

/** The ranks of jobs that are queued or running; each is `null` when there are none. */
export type QueuedRanks = {
  readonly active: number | null;
  readonly waiting: number | null;
  /** The highest rank of the same organization's jobs, and of jobs for the same AppKey. */
  readonly same: number | null;
};

/**
 * Computes the rank of a new job by start-time fair queueing: an organization's forty syncs don't delay another's
 * first.
 */
export const queueRank = ({ active, waiting, same }: QueuedRanks): number =>
  Math.max(active ?? waiting ?? 0, same === null ? 0 : same + 1);

/**
 * Queues a run's job in the transaction that creates the run, with its rank in the fair order as priority.
 * @returns `false` when a job of the app is waiting already
 */
export async function sendSyncJob(
  work: Work,
  { organizationId, appId, runId }: RunRef,
  startAfter?: Date,
): Promise<boolean> {
  const [identity] = await runSql<AppIdentity>(work, IDENTITY, [organizationId, appId]);
  const appKeyHash = identity && hashOf(identity);
  await runSql(work, LOCK_RANKS, [organizationId]);
  const [ranks] = await runSql<QueuedRanks>(work, RANKS, [organizationId, appKeyHash?.toString() ?? null]);
  const rank = ranks ? queueRank(ranks) : 0;
  return sendJob(
    "sync",
    { organizationId, appId, runId, ...(appKeyHash !== undefined && { appKeyHash }) },
    {
      tx: work,
      singletonKey: keyOf({ organizationId, appId }),
      group: organizationId,
      priority: -rank,
      ...(startAfter && { startAfter }),
    },
  );
}

export async function dropQueuedSyncs(tx: Tx, organizationId: string): Promise<void> {
  const apps = await tx.dingtalkApp.findMany({ where: { organizationId }, select: { id: true } });
  for (const { id: appId } of apps) await dropQueuedSync(tx, { organizationId, appId });
}

/**
 * Removes an app's waiting job. A job that a worker has fetched stays: the worker checks the run before its next call.
 */
export const dropQueuedSync = (tx: Tx, app: AppRef): Promise<void> =>
  removeWaitingJobs(tx, "sync", keyOf(app));
