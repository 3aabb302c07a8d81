import "server-only";
import { withCallRecording } from "@/lib/calls/own-calls";
import type { JobHandler } from "@/lib/jobs/queues";
import { callerOf } from "@/lib/tokens/dingtalk-caller";
import { ourDingtalk } from "@/lib/upstream/dingtalk-connections";
import { recoverFailed } from "./recover-failed";
import { RECOVER_MS, scheduleRecovery } from "./schedule-recovery";

/** Reads an app's failed callbacks every five minutes. After an outage, the overdue job runs at once. */
export const recoverFailedJob: JobHandler<"event.recover"> = async (app, { signal }) => {
  const dingtalk = withCallRecording(
    ourDingtalk(() => {}, { priority: "background" }),
    app,
  );
  const isDueAgain = await recoverFailed(app, { dingtalk, callerOf: () => callerOf(app, app.appId) }, signal);
  if (isDueAgain) await scheduleRecovery(app, new Date(Date.now() + RECOVER_MS));
};
