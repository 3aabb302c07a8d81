import "server-only";
import type { ClientBase } from "pg";
import { v7 as newId } from "uuid";
import type { RunRef } from "@/lib/app-ref";
import { lockAppRow } from "@/lib/db/lock-app";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import type { SyncReason } from "./run-reasons";
import { announceRun, type BegunRun, type ChainedRun, readRunChain } from "./run-records";
import { isScheduled } from "./schedule";

/**
 * Begins the run of a job, or a new one that resumes a lost or failed run. @returns `null` when nothing is left to do
 */
export function beginRun(job: RunRef): Promise<BegunRun | null> {
  return inOrganizationSql(job, async (client) => {
    const app = await lockAppRow(client, job);
    if (!app) return null;
    const active: RunRef = { ...job, runId: app.activeRunId ?? job.runId };
    const chain = await readRunChain(client, active);
    const [last] = chain;
    // The active run may belong to a later job, which begins it
    if (!last || !chain.some(({ id }) => id === job.runId)) return null;
    if (app.activeRunId === null) {
      const isDue = last.state === "failed" && last.isRetryDue && last.number === app.runsMade;
      return isDue && isScheduled(app.state) ? resume(client, { ...job, ...last }, "retry") : null;
    }
    if (last.state === "queued") return begin(client, active, last);
    await markInterrupted(client, active);
    return resume(client, { ...active, ...last }, "takeover");
  });
}

async function begin(client: ClientBase, run: RunRef, { mode }: ChainedRun): Promise<BegunRun | null> {
  const { rows } = await client.query<Pick<BegunRun, "walkId" | "before">>(
    `UPDATE sync_run SET state = 'running', stage = 'read', started_at = coalesce(started_at, now()),
       walk_id = coalesce(walk_id, id)
     WHERE organization_id = $1 AND id = $2
     RETURNING walk_id AS "walkId", jsonb_build_object('departmentsSeen', departments_seen, 'membersSeen', members_seen,
       'calls', calls, 'throttles', throttles, 'callsByApi', calls_by_api) AS before`,
    [run.organizationId, run.runId],
  );
  if (!rows[0]) return null;
  await announceRun(client, run);
  return { ...run, mode, ...rows[0] };
}

async function resume(
  client: ClientBase,
  earlier: RunRef & ChainedRun,
  trigger: "takeover" | "retry",
): Promise<BegunRun> {
  const { organizationId, appId, mode } = earlier;
  const runId = newId();
  const next: BegunRun = { organizationId, appId, runId, mode, walkId: earlier.walkId ?? runId };
  const { rows } = await client.query<{ number: number }>(
    `UPDATE dingtalk_app SET active_run_id = $3, runs_made = runs_made + 1
     WHERE organization_id = $1 AND id = $2 RETURNING runs_made AS number`,
    [organizationId, appId, runId],
  );
  await client.query(
    `INSERT INTO sync_run (organization_id, id, app_id, number, state, trigger, resumes_run_id, stage, started_at, mode, walk_id)
     VALUES ($1, $2, $3, $4, 'running', $5::"RunTrigger", $6, 'read', now(), $7::"RunMode", $8)`,
    [organizationId, runId, appId, rows[0]?.number, trigger, earlier.runId, mode, next.walkId],
  );
  await announceRun(client, next);
  return next;
}

async function markInterrupted(client: ClientBase, run: RunRef): Promise<void> {
  const reason: SyncReason = { kind: "worker_lost" };
  await client.query(
    `UPDATE sync_run SET state = 'interrupted', finished_at = now(), stage = NULL, error = $3
     WHERE organization_id = $1 AND id = $2 AND state = 'running'`,
    [run.organizationId, run.runId, JSON.stringify(reason)],
  );
  await announceRun(client, run);
}
