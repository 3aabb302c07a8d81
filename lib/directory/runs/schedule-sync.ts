import "server-only";
import { type AppRef, keyOf } from "@/lib/app-ref";
import type { Work } from "@/lib/db/run-sql";
import { removeWaitingJobs, sendJob } from "@/lib/jobs/send-job";
import { nextDueAt } from "./schedule";

/** Puts the app's one waiting job of the schedule at its next time, or removes it from an app that is synced by hand. */
export async function scheduleSync(
  work: Work,
  app: AppRef,
  { everyHours, now }: { readonly everyHours: number; readonly now: Date },
): Promise<void> {
  const at = nextDueAt(app.appId, everyHours, now);
  if (at === null) await unscheduleSync(work, app);
  else await sendDue(work, app, at);
}

/** Has the app's schedule looked at now: a sync whose time came while the app could not be synced starts. */
export const hastenSchedule = (work: Work, app: AppRef): Promise<void> => sendDue(work, app, new Date());

/** Removes the app's waiting job of the schedule. */
export const unscheduleSync = (work: Work, app: AppRef): Promise<void> =>
  removeWaitingJobs(work, "sync.due", keyOf(app));

async function sendDue(work: Work, app: AppRef, startAfter: Date): Promise<void> {
  const { organizationId, appId } = app;
  const options = { tx: work, startAfter, singletonKey: keyOf(app), replaces: true };
  await sendJob("sync.due", { organizationId, appId }, options);
}
