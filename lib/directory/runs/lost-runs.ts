import "server-only";
import type { AppRef, RunRef } from "@/lib/app-ref";
import { lockApp } from "@/lib/db/lock-app";
import type { Tx } from "@/lib/db/unit-of-work";
import { sendSyncJob } from "./queue";
import type { SyncReason } from "./run-reasons";
import { announceRun, readRunChain } from "./run-records";

async function interrupt(tx: Tx, run: RunRef): Promise<void> {
  const { organizationId, appId, runId: id } = run;
  const error: SyncReason = { kind: "job_lost" };
  await tx.syncRun.update({
    where: { organizationId_id: { organizationId, id } },
    data: { state: "interrupted", finishedAt: new Date(), stage: null, error },
  });
  await tx.dingtalkApp.update({
    where: { organizationId_id: { organizationId, id: appId } },
    data: { activeRunId: null },
  });
  await announceRun(tx, run);
}

/** Recovers a run whose job is gone: a queued one gets a new job, a running one is interrupted. */
export async function recoverLostRun(tx: Tx, ref: AppRef): Promise<boolean> {
  const { activeRunId } = await lockApp(tx, ref);
  if (activeRunId === null) return false;
  const run = { ...ref, runId: activeRunId };
  const chain = await readRunChain(tx, run);
  const runs = chain.map(({ id }) => id);
  if (await hasJob(tx, runs)) return false;
  // On a distributed PostgreSQL a run can be visible just before its job. `sendSyncJob` then finds the job and adds none
  if (chain[0]?.state === "queued") return sendSyncJob(tx, run);
  await interrupt(tx, run);
  return true;
}

/** A run that has lost this many workers would probably take the next one down too. */
const LOST_WORKERS_MAX = 5;

/**
 * Interrupts the run of a job that has lost five workers. Attempts that began no run don't count.
 * @param job the run that the job was made for; a later run of its chain may be active
 * @returns `false` when fewer workers were lost, or when the run is over or never began
 */
export async function giveUpRun(tx: Tx, job: RunRef): Promise<boolean> {
  const [known] = await readRunChain(tx, job);
  if (!known) return false;
  const { activeRunId } = await lockApp(tx, job);
  if (activeRunId === null) return false;
  const run = { ...job, runId: activeRunId };
  const chain = await readRunChain(tx, run);
  const isOfJob = chain.some(({ id }) => id === job.runId);
  const lost = chain.filter(({ state }) => state === "interrupted" || state === "running").length;
  if (!isOfJob || lost < LOST_WORKERS_MAX || chain[0]?.state !== "running") return false;
  await interrupt(tx, run);
  return true;
}

/** A separate query, because the runs and the jobs may lie on different database nodes. */
async function hasJob(tx: Tx, runIds: readonly string[]): Promise<boolean> {
  const [answer] = await tx.$queryRaw<{ found: boolean }[]>`
    SELECT EXISTS (
      SELECT FROM pgboss.job WHERE name = 'sync' AND state IN ('created', 'retry', 'active')
      AND data ->> 'runId' = ANY (${runIds})) AS found`;
  return answer?.found === true;
}
