import "server-only";
import type { AppRef } from "@/lib/app-ref";
import { notFound } from "@/lib/errors";
import type { AppState } from "@/prisma/generated/enums";
import { runSql, type Work } from "./run-sql";

export type LockedApp = {
  readonly activeRunId: string | null;
  readonly state: AppState;
  readonly runsMade: number;
  readonly syncEveryHours: number;
  /** DingTalk rejects a call of the app, and a probe is scheduled. */
  readonly isRefused: boolean;
};

const LOCK = `
  SELECT active_run_id AS "activeRunId", state::text, runs_made AS "runsMade", sync_every_hours AS "syncEveryHours",
    probe_at IS NOT NULL AS "isRefused"
  FROM dingtalk_app WHERE organization_id = $1::uuid AND id = $2::uuid FOR NO KEY UPDATE`;

/** Locks an app's row as `lockApp`, and returns `undefined` for a deleted app. */
export async function lockAppRow(
  work: Work,
  { organizationId, appId }: AppRef,
): Promise<LockedApp | undefined> {
  const [app] = await runSql<LockedApp>(work, LOCK, [organizationId, appId]);
  return app;
}

/**
 * Locks an app's row. Every unit of work that starts or ends a run does this first, so that an app never has two runs
 * in progress.
 *
 * **Lock order.** Every unit of work locks the rows of one organization in this order. Another order leads to deadlocks.
 *
 * 1. `organization`, where apps or keys are counted
 * 2. `app_token`: a renewal locks it and then changes the app's state
 * 3. `dingtalk_app`
 * 4. `sync_run`, and the rows of a run
 *
 * A unit of work that may change the token after the app calls `lockTokenAndApp` instead.
 *
 * @throws {AppError} `not_found`
 */
export async function lockApp(work: Work, ref: AppRef): Promise<LockedApp> {
  const app = await lockAppRow(work, ref);
  if (!app) throw notFound("app");
  return app;
}

const LOCK_TOKEN =
  "SELECT 1 FROM app_token WHERE organization_id = $1::uuid AND app_id = $2::uuid FOR UPDATE";

/** Locks an app's token and then the app, in the order that `lockApp` states. */
export async function lockTokenAndApp(work: Work, app: AppRef): Promise<LockedApp> {
  await runSql(work, LOCK_TOKEN, [app.organizationId, app.appId]);
  return lockApp(work, app);
}

/**
 * Prevents the app's deletion until the transaction ends: the directory's tables have no foreign key to the app.
 * @returns `false` for a deleted app
 */
export async function preventAppDeletion(work: Work, { organizationId, appId }: AppRef): Promise<boolean> {
  const rows = await runSql(
    work,
    "SELECT 1 FROM dingtalk_app WHERE organization_id = $1::uuid AND id = $2::uuid FOR KEY SHARE",
    [organizationId, appId],
  );
  return rows.length === 1;
}
