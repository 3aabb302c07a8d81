import "server-only";
import { keyOf } from "@/lib/app-ref";
import { withCallRecording } from "@/lib/calls/own-calls";
import { directoryCalls } from "@/lib/directory/sync/read/directory-calls";
import type { JobHandler } from "@/lib/jobs/queues";
import { sendJob } from "@/lib/jobs/send-job";
import { callerOf } from "@/lib/tokens/dingtalk-caller";
import { ourDingtalk } from "@/lib/upstream/dingtalk-connections";
import { processEvents } from "./process-events";

/** Objects that one round may read one by one. More change sets in less time come from a sync. */
const OBJECTS_MAX = 500;

/** Pause until the next attempt while a sync of the app runs. */
const LATER_MS = 30_000;

/** Processes an app's pending events. */
export const processEventsJob: JobHandler<"event.process"> = async (app, { signal }) => {
  const dingtalk = withCallRecording(
    ourDingtalk(() => {}, { priority: "background" }),
    app,
  );
  const processed = await processEvents(app, signal, {
    callsOf: async (options) => directoryCalls(dingtalk, await callerOf(app, app.appId), options),
    objectsMax: OBJECTS_MAX,
  });
  if (processed !== "later") return;
  const startAfter = new Date(Date.now() + LATER_MS);
  await sendJob("event.process", app, { startAfter, singletonKey: keyOf(app) });
};
