import "server-only";
import type { ClientBase } from "pg";
import { v7 as newId } from "uuid";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { noteSuccess } from "@/lib/tokens/note-outcome";
import { noteRefusal } from "@/lib/tokens/note-refusal";
import type { AppRef, RunRef } from "../refs";
import { announceRun } from "./announce-run";
import { RunIsOver } from "./sync-failure";
import type { RunError, RunStage, SyncReason } from "./sync-reasons";

/** What a run has done so far. */
export type RunCounters = {
  readonly departmentsSeen: number;
  /** Exchanges with DingTalk, repeats included. */
  readonly calls: number;
  readonly throttles: number;
};

type RunRow = { readonly id: string; readonly state: string; readonly number: number };

/**
 * Takes a job up: its run begins, or, when somebody had begun it and is gone, a new run takes its place.
 *
 * @returns the run to work on; `null` when there is nothing to do any more
 */
export function beginRun(job: RunRef): Promise<RunRef | null> {
  return inOrganizationSql(job, async (client) => {
    const app = await lockActiveRun(client, job);
    if (!app?.activeRunId) return null;
    const active: RunRef = { ...job, runId: app.activeRunId };
    const line = await lineOf(client, active);
    const [run] = line;
    // A job whose run is over has nothing to say about the one that came after it
    if (!run || !line.some(({ id }) => id === job.runId)) return null;
    if (run.state !== "queued") return takeOver(client, active);
    await client.query(
      `UPDATE sync_run SET state = 'running', stage = 'read', started_at = now()
       WHERE organization_id = $1 AND id = $2`,
      [active.organizationId, active.runId],
    );
    await announceRun(client, active);
    return active;
  });
}

/** Locks the app's row, as everything does that begins or ends a run. */
async function lockActiveRun(
  client: ClientBase,
  { organizationId, appId }: AppRef,
): Promise<{ activeRunId: string | null } | undefined> {
  const { rows } = await client.query<{ activeRunId: string | null }>(
    `SELECT active_run_id AS "activeRunId" FROM dingtalk_app WHERE organization_id = $1 AND id = $2 FOR NO KEY UPDATE`,
    [organizationId, appId],
  );
  return rows[0];
}

/** A run and those whose place it takes, the newest first: they share one job. */
async function lineOf(client: ClientBase, { organizationId, runId }: RunRef): Promise<RunRow[]> {
  const { rows } = await client.query<RunRow>(
    `WITH RECURSIVE line AS (
       SELECT id, state::text, number, resumes_run_id FROM sync_run WHERE organization_id = $1 AND id = $2
       UNION ALL
       SELECT r.id, r.state::text, r.number, r.resumes_run_id FROM sync_run r
       JOIN line ON r.organization_id = $1 AND r.id = line.resumes_run_id)
     SELECT id, state, number FROM line ORDER BY number DESC`,
    [organizationId, runId],
  );
  return rows;
}

/** Ends the run of a worker that is gone, and begins another from scratch that names it. */
async function takeOver(client: ClientBase, lost: RunRef): Promise<RunRef> {
  const { organizationId, appId } = lost;
  const next: RunRef = { organizationId, appId, runId: newId() };
  await markInterrupted(client, lost, { kind: "worker_lost" });
  const { rows } = await client.query<{ number: number }>(
    `UPDATE dingtalk_app SET active_run_id = $3, runs_made = runs_made + 1
     WHERE organization_id = $1 AND id = $2 RETURNING runs_made AS number`,
    [organizationId, appId, next.runId],
  );
  await client.query(
    `INSERT INTO sync_run (organization_id, id, app_id, number, state, trigger, resumes_run_id, stage, started_at)
     VALUES ($1, $2, $3, $4, 'running', 'takeover', $5, 'read', now())`,
    [organizationId, next.runId, appId, rows[0]?.number, lost.runId],
  );
  await announceRun(client, next);
  return next;
}

/** Ends a run whose worker is gone. */
async function markInterrupted(client: ClientBase, run: RunRef, reason: SyncReason): Promise<void> {
  await client.query(
    `UPDATE sync_run SET state = 'interrupted', finished_at = now(), stage = NULL, error = $3
     WHERE organization_id = $1 AND id = $2 AND state = 'running'`,
    [run.organizationId, run.runId, JSON.stringify(reason)],
  );
  await announceRun(client, run);
}

/** Whether a run is still the one that is under way; it is asked before each call to DingTalk. */
export const isRunActive = (run: RunRef): Promise<boolean> =>
  inOrganizationSql(run, (client) => isActive(client, run));

async function isActive(client: ClientBase, { organizationId, runId }: RunRef): Promise<boolean> {
  const { rowCount } = await client.query(
    `SELECT FROM sync_run r JOIN dingtalk_app a ON a.organization_id = r.organization_id AND a.active_run_id = r.id
     WHERE r.organization_id = $1 AND r.id = $2 AND r.state = 'running'`,
    [organizationId, runId],
  );
  return rowCount === 1;
}

/** @throws {RunIsOver} when it is over already, before anything is written for it */
export async function requireActive(client: ClientBase, run: RunRef): Promise<void> {
  if (!(await isActive(client, run))) throw new RunIsOver();
}

/** Writes down how far a run is. @returns false when it is over, and nothing was written */
export function recordProgress(
  run: RunRef,
  progress: RunCounters & { readonly stage: RunStage },
): Promise<boolean> {
  return inOrganizationSql(run, async (client) => {
    const { rowCount } = await client.query(
      `UPDATE sync_run SET stage = $3, departments_seen = $4, calls = $5, throttles = $6
       WHERE organization_id = $1 AND id = $2 AND state = 'running'`,
      [
        run.organizationId,
        run.runId,
        progress.stage,
        progress.departmentsSeen,
        progress.calls,
        progress.throttles,
      ],
    );
    if (rowCount === 1) await announceRun(client, run);
    return rowCount === 1;
  });
}

export type RunEnd = {
  readonly state: "succeeded" | "failed";
  readonly isComplete: boolean;
  readonly error: RunError | null;
  readonly counters: RunCounters;
  readonly counts: {
    readonly added: number;
    readonly changed: number;
    readonly moved: number;
    readonly removed: number;
    readonly unchanged: number;
  };
};

/**
 * Ends a run, as the last thing in the transaction that wrote what it found: the app's row is held for a
 * moment only, however long the writing took.
 *
 * @throws {RunIsOver} when the app is gone or has another run by now, or none; nothing of the transaction stays
 */
export async function endRun(client: ClientBase, run: RunRef, end: RunEnd): Promise<void> {
  const { counters, counts } = end;
  const app = await lockActiveRun(client, run);
  if (app?.activeRunId !== run.runId) throw new RunIsOver();
  const { rowCount } = await client.query(
    `UPDATE sync_run SET state = $3::"RunState", finished_at = now(), stage = NULL, is_complete = $4, error = $5,
       departments_seen = $6, calls = $7, throttles = $8, added = $9, changed = $10, moved = $11, removed = $12,
       unchanged = $13
     WHERE organization_id = $1 AND id = $2 AND state = 'running'`,
    [
      run.organizationId,
      run.runId,
      end.state,
      end.isComplete,
      end.error && JSON.stringify(end.error),
      counters.departmentsSeen,
      counters.calls,
      counters.throttles,
      counts.added,
      counts.changed,
      counts.moved,
      counts.removed,
      counts.unchanged,
    ],
  );
  if (rowCount !== 1) throw new RunIsOver();
  await client.query(
    `UPDATE dingtalk_app SET active_run_id = NULL${end.isComplete ? ", last_seen_at = now()" : ""}
     WHERE organization_id = $1 AND id = $2`,
    [run.organizationId, run.appId],
  );
  if (end.state === "succeeded") await noteSuccess(client, run, "allowed", new Date());
  await announceRun(client, run);
}

/** How a run came to nothing. */
export type Failure = {
  /** What was thrown. */
  readonly error: unknown;
  /** What is stored of it. */
  readonly reason: RunError;
  readonly counters: RunCounters;
};

/**
 * Ends a run that came to nothing. What doesn't pass by itself stops the app's further syncs too.
 *
 * @throws {RunIsOver}
 */
export function failRun(run: RunRef, { error, reason, counters }: Failure): Promise<void> {
  return inOrganizationSql(run, async (client) => {
    const counts = { added: 0, changed: 0, moved: 0, removed: 0, unchanged: 0 };
    await endRun(client, run, { state: "failed", isComplete: false, error: reason, counters, counts });
    if (error instanceof DingtalkError) await noteRefusal(client, run, error, new Date());
  });
}
