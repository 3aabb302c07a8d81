import "server-only";
import { createHash } from "node:crypto";
import { type AppRef, keyOf } from "@/lib/app-ref";
import { lockApp } from "@/lib/db/lock-app";
import { runSql, type Work } from "@/lib/db/run-sql";
import { inOrganization, type Tx } from "@/lib/db/unit-of-work";
import { AppError } from "@/lib/errors";
import type { JobHandler } from "@/lib/jobs/queues";
import { removeWaitingJobs, sendJob } from "@/lib/jobs/send-job";
import type { AppState, RunMode } from "@/prisma/generated/enums";
import { SETTINGS_DEFAULT } from "../settings/directory-settings";
import type { Run } from "./run";
import { startRun } from "./start-run";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** DingTalk asks integrations to avoid the top of the hour. @see docs/dingtalk/limits.md */
const FIRST_MINUTE = 5;
const MINUTES_USED = 60 - FIRST_MINUTE;

/** Returns an app's fixed offset in its period, in milliseconds. The hash spreads apps evenly. */
function offsetMs(appId: string, everyHours: number): number {
  const hash = createHash("sha256").update(appId).digest();
  const slot = hash.readUInt32BE(0) % (everyHours * MINUTES_USED);
  const minute = FIRST_MINUTE + (slot % MINUTES_USED);
  const withinMinute = hash.readUInt32BE(4) % MINUTE_MS;
  return Math.floor(slot / MINUTES_USED) * HOUR_MS + minute * MINUTE_MS + withinMinute;
}

/**
 * Returns the latest time, not after `now`, at which a sync was due. It depends only on the app's id and the period.
 * @param everyHours at least 1
 */
export function dueAt(appId: string, everyHours: number, now: Date): Date {
  const periodMs = everyHours * HOUR_MS;
  const offset = offsetMs(appId, everyHours);
  return new Date(Math.floor((now.getTime() - offset) / periodMs) * periodMs + offset);
}

export function nextDueAt(appId: string, everyHours: number, now: Date): Date | null {
  if (everyHours <= 0) return null;
  return new Date(dueAt(appId, everyHours, now).getTime() + everyHours * HOUR_MS);
}

/** Returns whether the schedule applies. A broken app waits for a successful probe, a disabled app or a draft for a person. */
export const isScheduled = (state: AppState): boolean => state === "verified" || state === "degraded";

/** Moves the app's one waiting `sync.due` job to the next due time, or removes the job of an app without a schedule. */
export async function scheduleSync(
  work: Work,
  app: AppRef,
  { everyHours, now }: { readonly everyHours: number; readonly now: Date },
): Promise<void> {
  const at = nextDueAt(app.appId, everyHours, now);
  if (at === null) await unscheduleSync(work, app);
  else await sendDue(work, app, at);
}

/** Checks the app's schedule now, to start a sync whose time came while the app could not be synced. */
export const checkScheduleNow = (work: Work, app: AppRef): Promise<void> => sendDue(work, app, new Date());

export const unscheduleSync = (work: Work, app: AppRef): Promise<void> =>
  removeWaitingJobs(work, "sync.due", keyOf(app));

async function sendDue(work: Work, app: AppRef, startAfter: Date): Promise<void> {
  const { organizationId, appId } = app;
  const options = { tx: work, startAfter, singletonKey: keyOf(app), replaces: true };
  await sendJob("sync.due", { organizationId, appId }, options);
}

export const syncDueJob: JobHandler<"sync.due"> = async (app) => {
  try {
    await inOrganization(app, async (tx) => {
      // The database's clock, for which the job waited: by a slower clock the job would be early and come again
      const [time] = await runSql<{ now: Date }>(tx, "SELECT clock_timestamp() AS now", []);
      await startScheduled(tx, app, time?.now ?? new Date());
    });
  } catch (error) {
    if (!(error instanceof AppError && error.code === "not_found")) throw error;
  }
};

export async function startScheduled(tx: Tx, ref: AppRef, now: Date): Promise<void> {
  await startIfDue(tx, ref, now);
  const { state, syncEveryHours: everyHours } = await lockApp(tx, ref);
  if (state !== "disabled") await scheduleSync(tx, ref, { everyHours, now });
}

/** Starts the app's sync if it is due and no sync was queued since. @returns whether a sync was started */
export async function startIfDue(tx: Tx, ref: AppRef, now: Date): Promise<boolean> {
  const app = await lockApp(tx, ref);
  if (!isScheduled(app.state) || app.syncEveryHours <= 0 || app.activeRunId !== null) return false;
  // A probe tests the app with one call. A whole run would fail
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

/** Returns `full` when the next scheduled run would be too late for the full run that is due, otherwise `verify`. */
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
  const nextRunMs = now.getTime() + everyHours * HOUR_MS;
  return fullAt.getTime() + fullEveryHours * HOUR_MS < nextRunMs ? "full" : "verify";
}

type ScheduledApp = { readonly id: string; readonly syncEveryHours: number; readonly state: AppState };

/** Returns when the app's next sync starts: on schedule, or as a retry before. */
export function nextSyncAt(
  { id, syncEveryHours, state }: ScheduledApp,
  lastRun: Pick<Run, "retryAt"> | null,
  now: Date,
): Date | null {
  if (!isScheduled(state)) return null;
  const scheduled = nextDueAt(id, syncEveryHours, now);
  const retry = lastRun?.retryAt ?? null;
  if (retry === null || retry < now) return scheduled;
  return scheduled === null || retry < scheduled ? retry : scheduled;
}
