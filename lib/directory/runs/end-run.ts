import "server-only";
import type { ClientBase } from "pg";
import { recordSuccess } from "@/lib/app-health/app-state";
import type { RunRef } from "@/lib/app-ref";
import { databaseTime } from "@/lib/db/database-time";
import { lockAppRow } from "@/lib/db/lock-app";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import type { JsonObject } from "@/lib/dingtalk/read-json";
import { countMissed } from "@/lib/metrics/count";
import { recordHeldRun } from "@/lib/notices/record-held-run";
import { faultData } from "@/lib/webhook-log/fault-data";
import { HELD_MS, scheduleExpiry } from "./held-runs";
import { sendSyncJob } from "./queue";
import { recordRunEvent } from "./record-run-event";
import type { PlanCounts, RunCounts } from "./run-counts";
import { RunIsOver } from "./run-errors";
import type { HeldReason, RunError } from "./run-reasons";
import { announceRun, counterValues } from "./run-records";
import type { RunCounters } from "./run-states";

export type RunEnd = {
  readonly state: "succeeded" | "failed" | "held";
  readonly isComplete: boolean;
  readonly error: RunError | null;
  readonly counters: RunCounters;
  readonly counts: RunCounts;
  readonly heldFor?: readonly HeldReason[];
  readonly strategy?: "levels" | "whole";
  readonly leastCalls?: Readonly<Record<string, number>>;
  readonly revision?: number;
  /** Changes that no event had announced; `null` if the app received no events. */
  readonly missedEvents?: number | null;
  /** The plan was not applied, so the directory is no newer than before. */
  readonly isPreview?: boolean;
  /** Time from the run's end to its retry; no retry by default. */
  readonly retryAfterMs?: number | null;
};

/**
 * Ends a run. Call it last in a transaction, because it locks the app's row.
 * @returns the time of the retry; `null` for no retry
 * @throws {RunIsOver} when the run is no longer active; the transaction must be rolled back
 */
export async function endRun(client: ClientBase, run: RunRef, end: RunEnd): Promise<Date | null> {
  const { counters, counts, heldFor } = end;
  const app = await lockAppRow(client, run);
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
       strategy = $22, least_calls = $23, revision = $24, retry_at = $27, missed_events = $28
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
      end.missedEvents ?? null,
    ],
  );
  if (rowCount !== 1) throw new RunIsOver();
  if (heldUntil) await scheduleExpiry(client, run, heldUntil);
  const isRead = end.isComplete && end.state === "succeeded" && !end.isPreview;
  await client.query(
    `UPDATE dingtalk_app SET active_run_id = NULL, last_seen_at = coalesce($3, last_seen_at)
     WHERE organization_id = $1 AND id = $2`,
    [run.organizationId, run.appId, isRead ? at : null],
  );
  if (heldFor) await recordHeldRun(client, run, at);
  if (end.state !== "failed") await recordSuccess(client, run, "allowed", new Date());
  await recordRunEvent(client, run, { type: `sync.${end.state}`, at, data: eventData(end, retryAt) });
  await announceRun(client, run);
  countMissed(end.missedEvents ?? 0);
  return retryAt;
}

const eventData = (end: RunEnd, retryAt: Date | null): JsonObject => ({
  isPreview: end.isPreview ?? false,
  isComplete: end.isComplete,
  revision: end.revision ?? null,
  departments: { ...end.counts.departments },
  members: { ...end.counts.members },
  heldFor: end.heldFor?.map(({ kind }) => kind) ?? [],
  error: faultData(end.error),
  retryAt: retryAt?.toISOString() ?? null,
});

const countValues = ({ added, changed, moved, removed, unchanged }: PlanCounts) => [
  added,
  changed,
  moved,
  removed,
  unchanged,
];

/**
 * Queues a run again at the end of its turn. A verify run becomes a full one, because it has no checkpoint.
 * @throws {RunIsOver} when the run was cancelled or another worker resumed it
 */
export function requeueRun(run: RunRef, counters: RunCounters): Promise<void> {
  return inOrganizationSql(run, async (client) => {
    await lockAppRow(client, run);
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
