import "server-only";
import type { ClientBase } from "pg";
import { v7 as newId } from "uuid";
import { noteSuccess } from "@/lib/app-health/record-outcome";
import { noteRefusal } from "@/lib/app-health/record-refusal";
import type { AppRef, RunRef } from "@/lib/app-ref";
import { databaseTime } from "@/lib/db/database-time";
import { inOrganizationSql, readTogether } from "@/lib/db/unit-of-work";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { sendJob } from "@/lib/jobs/send-job";
import { recordHeldRun } from "@/lib/notices/record-held-run";
import type { HeldReason } from "../sync/guard";
import type { PlanCounts } from "../sync/plan/diff-departments";
import type { MemberCounts } from "../sync/plan/diff-members";
import { announceRun } from "./announce-run";
import { sendSyncJob } from "./queue";
import { beginRetry, retryAfterMs } from "./retry-run";
import { RunIsOver } from "./run-failures";
import { type BegunRun, type LockedApp, lineOf, type RunCounters, type RunRow } from "./run-line";
import type { RunError, RunStage, SyncReason } from "./run-reasons";

export type { BegunRun, RunCounters } from "./run-line";

/**
 * Takes a job up: its run begins, or, when its worker is gone or its run failed, a new run takes its place.
 *
 * @returns the run to work on; `null` when there is nothing to do any more
 */
export function beginRun(job: RunRef): Promise<BegunRun | null> {
  return inOrganizationSql(job, async (client) => {
    const app = await lockActiveRun(client, job);
    if (!app) return null;
    if (app.activeRunId === null) return beginRetry(client, job, app);
    const active: RunRef = { ...job, runId: app.activeRunId };
    const line = await lineOf(client, active);
    const [run] = line;
    // A job whose run is over has nothing to say about the one that came after it
    if (!run || !line.some(({ id }) => id === job.runId)) return null;
    if (run.state !== "queued") return takeOver(client, { ...active, ...run });
    const { rows } = await client.query<Pick<BegunRun, "walkId" | "before">>(
      `UPDATE sync_run SET state = 'running', stage = 'read', started_at = coalesce(started_at, now()),
         walk_id = coalesce(walk_id, id)
       WHERE organization_id = $1 AND id = $2
       RETURNING walk_id AS "walkId", jsonb_build_object('departmentsSeen', departments_seen, 'membersSeen', members_seen,
         'calls', calls, 'throttles', throttles, 'callsByApi', calls_by_api) AS before`,
      [active.organizationId, active.runId],
    );
    if (!rows[0]) return null;
    await announceRun(client, active);
    return { ...active, mode: run.mode, ...rows[0] };
  });
}

/** Locks the app's row, as everything does that begins or ends a run. */
async function lockActiveRun(
  client: ClientBase,
  { organizationId, appId }: AppRef,
): Promise<LockedApp | undefined> {
  const { rows } = await client.query<LockedApp>(
    `SELECT active_run_id AS "activeRunId", runs_made AS "runsMade", state::text FROM dingtalk_app WHERE organization_id = $1 AND id = $2 FOR NO KEY UPDATE`,
    [organizationId, appId],
  );
  return rows[0];
}

/** Ends the run of a worker that is gone, and begins another that goes on from where it was, and names it. */
async function takeOver(client: ClientBase, lost: RunRef & RunRow): Promise<BegunRun> {
  const { organizationId, appId, mode } = lost;
  const runId = newId();
  const next: BegunRun = { organizationId, appId, runId, mode, walkId: lost.walkId ?? runId };
  await markInterrupted(client, lost, { kind: "worker_lost" });
  const { rows } = await client.query<{ number: number }>(
    `UPDATE dingtalk_app SET active_run_id = $3, runs_made = runs_made + 1
     WHERE organization_id = $1 AND id = $2 RETURNING runs_made AS number`,
    [organizationId, appId, next.runId],
  );
  await client.query(
    `INSERT INTO sync_run (organization_id, id, app_id, number, state, trigger, resumes_run_id, stage, started_at, mode, walk_id)
     VALUES ($1, $2, $3, $4, 'running', 'takeover', $5, 'read', now(), $6, $7)`,
    [organizationId, runId, appId, rows[0]?.number, lost.runId, mode, next.walkId],
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
export const isRunActive = async (run: RunRef): Promise<boolean> =>
  (await readTogether({ organizationId: run.organizationId }, ACTIVE, [run.organizationId, run.runId]))
    .length === 1;

const ACTIVE = `
  SELECT FROM sync_run r JOIN dingtalk_app a ON a.organization_id = r.organization_id AND a.active_run_id = r.id
  WHERE r.organization_id = $1 AND r.id = $2 AND r.state = 'running'`;

async function isActive(client: ClientBase, { organizationId, runId }: RunRef): Promise<boolean> {
  const { rowCount } = await client.query(ACTIVE, [organizationId, runId]);
  return rowCount === 1;
}

/** @throws {RunIsOver} when it is over already, before anything is written for it */
export async function requireActive(client: ClientBase, run: RunRef): Promise<void> {
  if (!(await isActive(client, run))) throw new RunIsOver();
}

/**
 * Queues a run again at the end of its turn. The run keeps its checkpoint and its counters. A verifying run becomes a full
 * run, because verifying has no checkpoint.
 *
 * @throws {RunIsOver} when the run was cancelled or another worker has taken it over
 */
export function requeueRun(run: RunRef, counters: RunCounters): Promise<void> {
  return inOrganizationSql(run, async (client) => {
    await lockActiveRun(client, run);
    const { rowCount } = await client.query(
      `UPDATE sync_run SET state = 'queued', stage = NULL, mode = CASE mode WHEN 'verify' THEN 'full' ELSE mode END,
         departments_seen = $3, members_seen = $4, calls = $5, throttles = $6, calls_by_api = $7
       WHERE organization_id = $1 AND id = $2 AND state = 'running'`,
      [run.organizationId, run.runId, ...counterValues(counters)],
    );
    if (rowCount !== 1) throw new RunIsOver();
    await sendSyncJob(client, run);
    await announceRun(client, run);
  });
}

/** Writes down how far a run is. @returns false when it is over, and nothing was written */
export function recordProgress(
  run: RunRef,
  progress: RunCounters & { readonly stage: RunStage },
): Promise<boolean> {
  return inOrganizationSql(run, async (client) => {
    const { rowCount } = await client.query(
      `UPDATE sync_run SET stage = $3, departments_seen = $4, members_seen = $5, calls = $6, throttles = $7, calls_by_api = $8
       WHERE organization_id = $1 AND id = $2 AND state = 'running'`,
      [run.organizationId, run.runId, progress.stage, ...counterValues(progress)],
    );
    if (rowCount === 1) await announceRun(client, run);
    return rowCount === 1;
  });
}

const counterValues = (counters: RunCounters) => [
  counters.departmentsSeen,
  counters.membersSeen,
  counters.calls,
  counters.throttles,
  JSON.stringify(counters.callsByApi),
];

/** What a plan has of departments and of members. */
export type RunCounts = { readonly departments: PlanCounts; readonly members: MemberCounts };

const NO_COUNTS: PlanCounts = { added: 0, changed: 0, moved: 0, removed: 0, unchanged: 0 };
export const NOTHING_COUNTED: RunCounts = { departments: NO_COUNTS, members: { ...NO_COUNTS, seen: 0 } };

export type RunEnd = {
  readonly state: "succeeded" | "failed" | "held";
  readonly isComplete: boolean;
  readonly error: RunError | null;
  readonly counters: RunCounters;
  readonly counts: RunCounts;
  readonly heldFor?: readonly HeldReason[];
  readonly strategy?: "levels" | "whole";
  readonly leastCalls?: Readonly<Record<string, number>>;
  /** The directory's, after it. */
  readonly revision?: number;
  /** Nothing of it was applied, so the directory is no newer than before. */
  readonly isPreview?: boolean;
  /** How long after its end it is retried; by default never. */
  readonly retryAfterMs?: number | null;
};

/** How long somebody may take to decide about a held run. */
const HELD_MS = 7 * 24 * 60 * 60_000;

/**
 * Ends a run, as the last thing in the transaction that wrote what it found: the app's row is held for a
 * moment only, however long the writing took.
 *
 * @returns when it is retried; `null` when it isn't
 * @throws {RunIsOver} when the app is gone or has another run by now, or none; nothing of the transaction stays
 */
export async function endRun(client: ClientBase, run: RunRef, end: RunEnd): Promise<Date | null> {
  const { counters, counts, heldFor } = end;
  const app = await lockActiveRun(client, run);
  if (app?.activeRunId !== run.runId) throw new RunIsOver();
  const at = await databaseTime(client);
  const later = (ms: number | null | undefined) => (ms == null ? null : new Date(at.getTime() + ms));
  const [heldUntil, retryAt] = [later(heldFor && HELD_MS), later(end.retryAfterMs)];
  const { rowCount } = await client.query(
    `UPDATE sync_run SET state = $3::"RunState", finished_at = $25, stage = NULL, is_complete = $4, error = $5,
       departments_seen = $6, members_seen = $7, calls = $8, throttles = $9, calls_by_api = $10,
       added = $11, changed = $12, moved = $13, removed = $14, unchanged = $15,
       members_added = $16, members_changed = $17, members_moved = $18, members_removed = $19, members_unchanged = $20,
       held_for = $21, held_until = $26,
       strategy = $22, least_calls = $23, revision = $24, retry_at = $27
     WHERE organization_id = $1 AND id = $2 AND state = 'running'`,
    [
      run.organizationId,
      run.runId,
      end.state,
      end.isComplete,
      end.error && JSON.stringify(end.error),
      ...counterValues(counters),
      ...countValues(counts.departments),
      ...countValues(counts.members),
      heldFor ? JSON.stringify(heldFor) : null,
      end.strategy ?? null,
      end.leastCalls ? JSON.stringify(end.leastCalls) : null,
      end.revision ?? null,
      at,
      heldUntil,
      retryAt,
    ],
  );
  if (rowCount !== 1) throw new RunIsOver();
  if (heldUntil) await sendExpiry(client, run, heldUntil);
  const isRead = end.isComplete && end.state === "succeeded" && !end.isPreview;
  await client.query(
    `UPDATE dingtalk_app SET active_run_id = NULL, last_seen_at = coalesce($3, last_seen_at)
     WHERE organization_id = $1 AND id = $2`,
    [run.organizationId, run.appId, isRead ? at : null],
  );
  if (heldFor) await recordHeldRun(client, run, at);
  if (end.state !== "failed") await noteSuccess(client, run, "allowed", new Date());
  await announceRun(client, run);
  return retryAt;
}

async function sendExpiry(client: ClientBase, run: RunRef, at: Date): Promise<void> {
  const { organizationId, runId } = run;
  const options = { tx: client, startAfter: at, singletonKey: `${organizationId}/${runId}` };
  await sendJob("run.expire", { organizationId }, options);
}

const countValues = ({ added, changed, moved, removed, unchanged }: PlanCounts) => [
  added,
  changed,
  moved,
  removed,
  unchanged,
];

/** How a run came to nothing. */
export type Failure = {
  /** What was thrown. */
  readonly error: unknown;
  /** What is stored of it. */
  readonly reason: RunError;
  readonly counters: RunCounters;
};

/**
 * Ends a run that came to nothing. A fault that passes by itself queues its retry; another one stops the app's further
 * syncs too.
 *
 * @returns whether it is retried, from what it has read so far
 * @throws {RunIsOver}
 */
export function failRun(run: RunRef, { error, reason, counters }: Failure): Promise<boolean> {
  return inOrganizationSql(run, async (client) => {
    const retryAt = await endRun(client, run, {
      state: "failed",
      isComplete: false,
      error: reason,
      counters,
      counts: NOTHING_COUNTED,
      retryAfterMs: await retryAfterMs(client, run, error),
    });
    if (error instanceof DingtalkError) await noteRefusal(client, run, error, new Date());
    if (retryAt !== null) await sendSyncJob(client, run, retryAt);
    return retryAt !== null;
  });
}
