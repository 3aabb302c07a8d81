import "server-only";
import type { AppRef, RunRef } from "@/lib/app-ref";
import type { Tx } from "@/lib/db/unit-of-work";
import type { RunState } from "@/prisma/generated/enums";
import { announceRun } from "./announce-run";
import { sendSyncJob } from "./queue";
import type { SyncReason } from "./run-reasons";
import { lockApp } from "./start-run";

/** Ends a run that nobody works on any more, and frees its app for the next. */
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

const stateOf = async (tx: Tx, { organizationId, runId: id }: RunRef): Promise<RunState | undefined> =>
  (
    await tx.syncRun.findUnique({
      where: { organizationId_id: { organizationId, id } },
      select: { state: true },
    })
  )?.state;

/**
 * Looks after an app's run whose job is gone, because the queue was emptied. One that waited gets a job again; one that
 * ran is interrupted, and the schedule starts the next.
 *
 * @returns whether there was one
 */
export async function putBackLostRun(tx: Tx, ref: AppRef): Promise<boolean> {
  const { activeRunId } = await lockApp(tx, ref);
  if (activeRunId === null) return false;
  const run = { ...ref, runId: activeRunId };
  const line = await lineOf(tx, run);
  const runs = line.map(({ id }) => id);
  if (await hasJob(tx, runs)) return false;
  // On a distributed PostgreSQL a run may be seen just before its job is: then that job is the one that waits
  if ((await stateOf(tx, run)) === "queued") return sendSyncJob(tx, run);
  await interrupt(tx, run);
  return true;
}

/** A run whose worker was lost as often as this would only take further workers with it. */
const LOST_WORKERS_MAX = 5;

/**
 * Interrupts what is under way for a job when five workers that had begun it were lost; the schedule starts the next run.
 * Tries of the job that began nothing don't count: they fail while the node that has the organization's rows is away.
 *
 * @param ref the run that the job was made for; the last of those that took its place is interrupted
 * @returns `false` when fewer were lost, or when it is over already or never began
 */
export async function giveUpRun(tx: Tx, ref: RunRef): Promise<boolean> {
  if ((await stateOf(tx, ref)) === undefined) return false;
  const { activeRunId } = await lockApp(tx, ref);
  if (activeRunId === null) return false;
  const run = { ...ref, runId: activeRunId };
  const line = await lineOf(tx, run);
  const isOfJob = line.some(({ id }) => id === ref.runId);
  const lost = line.filter(({ state }) => state === "interrupted" || state === "running").length;
  if (!isOfJob || lost < LOST_WORKERS_MAX || (await stateOf(tx, run)) !== "running") return false;
  await interrupt(tx, run);
  return true;
}

/** Reads a run and those whose place it took, one after another: they share a job. */
async function lineOf(
  tx: Tx,
  { organizationId, runId }: RunRef,
): Promise<{ readonly id: string; readonly state: string }[]> {
  return tx.$queryRaw`
    WITH RECURSIVE line AS (
      SELECT id, state::text, resumes_run_id FROM sync_run
      WHERE organization_id = ${organizationId}::uuid AND id = ${runId}::uuid
      UNION ALL
      SELECT r.id, r.state::text, r.resumes_run_id FROM sync_run r
      JOIN line ON r.organization_id = ${organizationId}::uuid AND r.id = line.resumes_run_id)
    SELECT id::text, state FROM line`;
}

// A query of its own: the runs may lie on another node than the jobs
async function hasJob(tx: Tx, runIds: readonly string[]): Promise<boolean> {
  const [answer] = await tx.$queryRaw<{ found: boolean }[]>`
    SELECT EXISTS (
      SELECT FROM pgboss.job WHERE name = 'sync' AND state IN ('created', 'retry', 'active')
      AND data ->> 'runId' = ANY (${runIds})) AS found`;
  return answer?.found === true;
}
