import "server-only";
import type { AppRef } from "@/lib/app-ref";
import { runSql } from "@/lib/db/run-sql";
import { inOrganization, type Tx } from "@/lib/db/unit-of-work";
import { AppError } from "@/lib/errors";
import type { JobHandler } from "@/lib/jobs/handler";
import type { RunMode } from "@/prisma/generated/enums";
import { SETTINGS_DEFAULT } from "../settings/directory-settings";
import { dueAt, isScheduled } from "./schedule";
import { scheduleSync } from "./schedule-sync";
import { lockApp, startRun } from "./start-run";

/** Starts an app's scheduled sync, and puts the job of the next one at its time. An app that is gone has no next one. */
export const syncDueJob: JobHandler<"sync.due"> = async (app) => {
  try {
    await inOrganization(app, async (tx) => {
      // By the clock that the job waited for, or it would come again and again until this one is there
      const [time] = await runSql<{ now: Date }>(tx, "SELECT clock_timestamp() AS now", []);
      await startScheduled(tx, app, time?.now ?? new Date());
    });
  } catch (error) {
    if (!(error instanceof AppError && error.code === "not_found")) throw error;
  }
};

/** @throws {AppError} `not_found` */
export async function startScheduled(tx: Tx, ref: AppRef, now: Date): Promise<void> {
  await startIfDue(tx, ref, now);
  const { state, syncEveryHours: everyHours } = await lockApp(tx, ref);
  if (state !== "disabled") await scheduleSync(tx, ref, { everyHours, now });
}

/**
 * Starts the app's sync if its time has come and no sync was queued since.
 *
 * @returns whether it did
 * @throws {AppError} `not_found`
 */
export async function startIfDue(tx: Tx, ref: AppRef, now: Date): Promise<boolean> {
  const app = await lockApp(tx, ref);
  if (!isScheduled(app.state) || app.syncEveryHours <= 0 || app.activeRunId !== null) return false;
  // It is probed with one call, instead of failing with a whole run
  if (app.isRefused) return false;
  const due = dueAt(ref.appId, app.syncEveryHours, now);
  const since = await tx.syncRun.findFirst({
    where: { organizationId: ref.organizationId, appId: ref.appId, queuedAt: { gte: due } },
    select: { id: true },
  });
  if (since) return false;
  const mode = await scheduledMode(tx, ref, app.syncEveryHours, now);
  const { already } = await startRun(tx, { ...ref, ...app }, { trigger: "schedule", startedBy: null, mode });
  return !already;
}

const HOUR_MS = 3_600_000;

/**
 * Whether it is time to read everything again; in between it is only looked whether something differs. The next time
 * would be too late where it comes after the full walk is due.
 */
async function scheduledMode(
  tx: Tx,
  { organizationId, appId }: AppRef,
  everyHours: number,
  now: Date,
): Promise<RunMode> {
  const where = { organizationId_appId: { organizationId, appId } };
  const settings = await tx.directorySettings.findUnique({ where, select: { fullEveryHours: true } });
  const { fullEveryHours } = settings ?? SETTINGS_DEFAULT;
  const fullAt = (await tx.directory.findUnique({ where, select: { fullAt: true } }))?.fullAt;
  if (!fullAt || fullEveryHours <= 0) return "full";
  const nextLookMs = now.getTime() + everyHours * HOUR_MS;
  return fullAt.getTime() + fullEveryHours * HOUR_MS < nextLookMs ? "full" : "verify";
}
