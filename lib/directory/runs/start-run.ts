import "server-only";
import { v7 as newId } from "uuid";
import type { AppRef, RunRef } from "@/lib/app-ref";
import type { LockedApp } from "@/lib/db/lock-app";
import type { Tx } from "@/lib/db/unit-of-work";
import type { RunMode, RunTrigger } from "@/prisma/generated/enums";
import { sendSyncJob } from "./queue";
import { announceRun } from "./run-records";

/** A takeover or a retry is begun by the worker, without a request. */
export type StartTrigger = Exclude<RunTrigger, "takeover" | "retry">;

export type StartedSync = {
  readonly runId: string;
  /** The run was queued or running before. */
  readonly already: boolean;
};

type Start = {
  readonly trigger: StartTrigger;
  readonly startedBy: string | null;
  readonly startedByKey?: string | null;
  readonly mode?: RunMode;
};

/**
 * Creates a run and its job, or returns the app's active run. @param app the result of `lockApp` in the same
 * transaction
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
