import "server-only";
import type { ClientBase } from "pg";
import { v7 as newId } from "uuid";
import type { RunRef } from "@/lib/app-ref";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { announceRun } from "./announce-run";
import { SyncFailure } from "./run-failures";
import { type BegunRun, type LockedApp, lineOf } from "./run-line";
import { isScheduled } from "./schedule";

const MINUTE_MS = 60_000;

/** When a run that failed by a passing fault is retried: after these times, then no more until the schedule starts one. */
export const RETRY_AFTER_MS: readonly number[] = [5 * MINUTE_MS, 15 * MINUTE_MS, 60 * MINUTE_MS];

/** Whether the same run may well succeed later, without anybody changing anything. */
const isPassing = (error: unknown): boolean =>
  error instanceof DingtalkError
    ? error.retry === "auto"
    : error instanceof SyncFailure && error.reason.kind === "scope_unsteady";

/** Returns how long after its end a run that failed is retried, in milliseconds; `null` when it isn't. */
export async function retryAfterMs(client: ClientBase, run: RunRef, error: unknown): Promise<number | null> {
  if (!isPassing(error)) return null;
  const line = await lineOf(client, run);
  const failures = line.filter(({ state }) => state === "failed").length;
  return RETRY_AFTER_MS[failures] ?? null;
}

/**
 * Begins the retry of a run that failed, unless the app has had another run since, or waits for a person by now.
 *
 * @param app locked
 * @returns the run to work on; `null` when there is nothing to retry
 */
export async function beginRetry(
  client: ClientBase,
  failed: RunRef,
  app: LockedApp,
): Promise<BegunRun | null> {
  const { organizationId, appId } = failed;
  const [last] = await lineOf(client, failed);
  const isLast = last?.state === "failed" && last.isRetryDue && last.number === app.runsMade;
  if (!isLast || !isScheduled(app.state)) return null;
  const runId = newId();
  const { mode, walkId } = last;
  const retry: BegunRun = { organizationId, appId, runId, mode, walkId: walkId ?? runId };
  await client.query(
    `UPDATE dingtalk_app SET active_run_id = $3, runs_made = $4 WHERE organization_id = $1 AND id = $2`,
    [organizationId, appId, runId, last.number + 1],
  );
  await client.query(
    `INSERT INTO sync_run (organization_id, id, app_id, number, state, trigger, resumes_run_id, stage, started_at, mode, walk_id)
     VALUES ($1, $2, $3, $4, 'running', 'retry', $5, 'read', now(), $6, $7)`,
    [organizationId, runId, appId, last.number + 1, failed.runId, mode, retry.walkId],
  );
  await announceRun(client, retry);
  return retry;
}
