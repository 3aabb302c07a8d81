import "server-only";
import { v7 as newId } from "uuid";
import type { AppRef, RunRef } from "@/lib/app-ref";
import type { Tx } from "@/lib/db/unit-of-work";
import { notFound } from "@/lib/errors";
import type { RunMode, RunTrigger } from "@/prisma/generated/enums";
import { sendSyncJob } from "./queue";
import { announceRun, type LockedApp, lockAppRow } from "./run-records";

/** A takeover or a retry is begun by the worker, without a request. */
export type StartTrigger = Exclude<RunTrigger, "takeover" | "retry">;

export type StartedSync = {
  readonly runId: string;
  /** The run was queued or running before. */
  readonly already: boolean;
};

type Start = {
  readonly trigger: StartTrigger;
  /** E-mail address of the user who asked. */
  readonly startedBy: string | null;
  /** Name of the API key of the service that asked. */
  readonly startedByKey?: string | null;
  /** Default: `full`. */
  readonly mode?: RunMode;
};

/**
 * Locks an app's row. Every unit of work that begins or ends a run does this first, so that an app never has two runs
 * under way.
 *
 * **Lock order.** Every unit of work locks the rows of one organization in this order. Another order leads to deadlocks.
 *
 * 1. `organization`, where apps or keys are counted
 * 2. `app_token`: a renewal locks it, and then changes the app's state
 * 3. `dingtalk_app`
 * 4. `sync_run`, and the rows of a run
 *
 * A unit of work that may change the token after the app calls `lockTokenAndApp` instead.
 *
 * @throws {AppError} `not_found`
 */
export async function lockApp(tx: Tx, ref: AppRef): Promise<LockedApp> {
  const app = await lockAppRow(tx, ref);
  if (!app) throw notFound("app");
  return app;
}

/**
 * Locks an app's token and then the app, in the order that `lockApp` states.
 *
 * @throws {AppError} `not_found`
 */
export async function lockTokenAndApp(tx: Tx, app: AppRef): Promise<LockedApp> {
  await tx.$queryRaw`
    SELECT 1 FROM app_token WHERE organization_id = ${app.organizationId}::uuid AND app_id = ${app.appId}::uuid
    FOR UPDATE`;
  return lockApp(tx, app);
}

/**
 * Creates a run and its job in the caller's transaction, or returns the app's active run.
 *
 * @param app the result of `lockApp` in the same transaction
 */
export async function startRun(tx: Tx, app: AppRef & LockedApp, start: Start): Promise<StartedSync> {
  const { organizationId, appId, activeRunId, runsMade } = app;
  if (activeRunId !== null) return { runId: activeRunId, already: true };

  const run: RunRef = { organizationId, appId, runId: newId() };
  await tx.syncRun.create({
    data: { organizationId, id: run.runId, appId, number: runsMade + 1, state: "queued", ...start },
  });
  await tx.$executeRaw`
    UPDATE dingtalk_app SET active_run_id = ${run.runId}::uuid, runs_made = runs_made + 1
    WHERE organization_id = ${organizationId}::uuid AND id = ${appId}::uuid`;
  await sendSyncJob(tx, run);
  await announceRun(tx, run);
  return { runId: run.runId, already: false };
}
