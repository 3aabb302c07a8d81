import "server-only";
import { v7 as newId } from "uuid";
import type { AppRef, RunRef } from "@/lib/app-ref";
import type { Actor } from "@/lib/auth/actor";
import { emailOf, keyNameOf } from "@/lib/auth/actor-name";
import type { LockedApp } from "@/lib/db/lock-app";
import { lockApp } from "@/lib/db/lock-app";
import type { Tx } from "@/lib/db/unit-of-work";
import { inOrganization } from "@/lib/db/unit-of-work";
import { notFound } from "@/lib/errors";
import { isUuid } from "@/lib/public-id";
import { err, ok, type Result } from "@/lib/result";
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

/**
 * Starts a background sync, or returns the app's active run, in any mode.
 * @param mode `preview` makes a plan that is stored with the run and never applied
 * @returns the run, or `app_disabled`
 */
export async function startSync(
  actor: Actor<"directory.sync">,
  appId: string,
  { mode = "full" }: { readonly mode?: "full" | "preview" } = {},
): Promise<Result<StartedSync, "app_disabled">> {
  if (!isUuid(appId)) throw notFound("app");
  const { organizationId } = actor;
  return inOrganization(actor, async (tx) => {
    const app = await lockApp(tx, { organizationId, appId });
    if (app.state === "disabled") return err("app_disabled");
    const start = {
      trigger: "manual",
      startedBy: await emailOf(tx, actor),
      startedByKey: await keyNameOf(tx, actor),
      mode,
    } as const;
    return ok(await startRun(tx, { organizationId, appId, ...app }, start));
  });
}

export async function enqueueFirstSync(tx: Tx, ref: AppRef): Promise<StartedSync> {
  const app = await lockApp(tx, ref);
  return startRun(tx, { ...ref, ...app }, { trigger: "first", startedBy: null });
}
