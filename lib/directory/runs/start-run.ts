import "server-only";
import { v7 as newId } from "uuid";
import type { AppRef, RunRef } from "@/lib/app-ref";
import type { Tx } from "@/lib/db/unit-of-work";
import { notFound } from "@/lib/errors";
import type { AppState, RunMode, RunTrigger } from "@/prisma/generated/enums";
import { announceRun } from "./announce-run";
import { sendSyncJob } from "./queue";

/** What is asked for. Takeovers and retries begin without being asked for. */
export type StartTrigger = Exclude<RunTrigger, "takeover" | "retry">;

export type StartedSync = {
  readonly runId: string;
  /** Whether it was queued or running already, for whatever reason. */
  readonly already: boolean;
};

type Start = {
  readonly trigger: StartTrigger;
  /** E-mail of whoever pressed the button. */
  readonly startedBy: string | null;
  /** Name of the key by which a service asked. */
  readonly startedByKey?: string | null;
  /** What it is for; by itself: to bring the directory up to date. */
  readonly mode?: RunMode;
};

export type LockedApp = {
  readonly activeRunId: string | null;
  readonly state: AppState;
  readonly runsMade: number;
  readonly syncEveryHours: number;
  /** An API of DingTalk's refuses it. */
  readonly isRefused: boolean;
};

/**
 * Locks an app's row. Everything that begins or ends a run does this first, so that at most one run of an app is
 * under way.
 *
 * **Lock order.** Every unit of work locks rows of one organization in this order, and none of them twice the other
 * way around, or two of them wait for each other until PostgreSQL ends one:
 *
 * 1. `organization`, where apps or keys are counted
 * 2. `app_token`: a renewal locks it, and then changes the app's state
 * 3. `dingtalk_app`
 * 4. `sync_run`, and what belongs to a run
 *
 * A unit of work that may change the token after the app calls `lockTokenAndApp` instead.
 *
 * @throws {AppError} `not_found`
 */
export async function lockApp(tx: Tx, { organizationId, appId }: AppRef): Promise<LockedApp> {
  const [app] = await tx.$queryRaw<LockedApp[]>`
    SELECT active_run_id AS "activeRunId", state::text, runs_made AS "runsMade", sync_every_hours AS "syncEveryHours",
      probe_at IS NOT NULL AS "isRefused"
    FROM dingtalk_app WHERE organization_id = ${organizationId}::uuid AND id = ${appId}::uuid FOR NO KEY UPDATE`;
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
 * Makes a run and its job, both in the caller's transaction, or names the run that is there already.
 *
 * @param app as `lockApp` gave it, in the same transaction
 */
export async function startRun(tx: Tx, ref: AppRef & LockedApp, start: Start): Promise<StartedSync> {
  const { organizationId, appId, activeRunId, runsMade } = ref;
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
