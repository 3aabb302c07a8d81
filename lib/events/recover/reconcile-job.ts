import "server-only";
import type { JobHandler } from "@/lib/jobs/queues";
import { scheduleAppJob } from "@/lib/jobs/send-job";
import { startEventSync } from "../process/start-event-sync";

/** Pause until the next attempt while another sync of the app runs, which may have begun before the gap ended. */
const LATER_MS = 30_000;

/** Starts a sync after a time in which events may have been lost. */
export const reconcileJob: JobHandler<"event.reconcile"> = async (app) => {
  if ((await startEventSync(app)) !== "later") return;
  await scheduleAppJob("event.reconcile", app, new Date(Date.now() + LATER_MS));
};
