import "server-only";
import type { Tx } from "@/lib/db/unit-of-work";
import type { AppRef } from "../refs";
import { announceRun } from "./announce-run";
import { lockApp } from "./start-run";
import { sendSyncJob } from "./sync-job";
import type { SyncReason } from "./sync-reasons";

/**
 * Looks after an app's run whose job is gone: the queue was emptied, or the job was tried as often as it may
 * be. One that waited gets a job again; one that ran is interrupted, and the schedule starts the next.
 *
 * @returns whether there was one
 */
export async function putBackLostRun(tx: Tx, ref: AppRef): Promise<boolean> {
  const { activeRunId } = await lockApp(tx, ref);
  if (activeRunId === null || (await hasJob(tx, ref.organizationId, activeRunId))) return false;
  const { organizationId, appId } = ref;
  const run = { organizationId, appId, runId: activeRunId };
  const where = { organizationId_id: { organizationId, id: activeRunId } };
  const { state } = await tx.syncRun.findUniqueOrThrow({ where, select: { state: true } });
  // On a distributed PostgreSQL a run may be seen just before its job is: then that job is the one that waits
  if (state === "queued") return sendSyncJob(tx, run);
  const error: SyncReason = { kind: "job_lost" };
  await tx.syncRun.update({
    where,
    data: { state: "interrupted", finishedAt: new Date(), stage: null, error },
  });
  await tx.dingtalkApp.update({
    where: { organizationId_id: { organizationId, id: appId } },
    data: { activeRunId: null },
  });
  await announceRun(tx, run);
  return true;
}

/** Whether a job is there for a run, or for the one whose place it took: they share it. */
async function hasJob(tx: Tx, organizationId: string, runId: string): Promise<boolean> {
  const line = await tx.$queryRaw<{ id: string }[]>`
    WITH RECURSIVE line AS (
      SELECT id, resumes_run_id FROM sync_run
      WHERE organization_id = ${organizationId}::uuid AND id = ${runId}::uuid
      UNION ALL
      SELECT r.id, r.resumes_run_id FROM sync_run r
      JOIN line ON r.organization_id = ${organizationId}::uuid AND r.id = line.resumes_run_id)
    SELECT id::text FROM line`;
  // A query of its own: the runs may lie on another node than the jobs
  const [answer] = await tx.$queryRaw<{ found: boolean }[]>`
    SELECT EXISTS (
      SELECT FROM pgboss.job WHERE name = 'sync' AND state IN ('created', 'retry', 'active')
      AND data ->> 'runId' = ANY (${line.map(({ id }) => id)})) AS found`;
  return answer?.found === true;
}
