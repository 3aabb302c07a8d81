import "server-only";
import { type AppRef, keyOf } from "@/lib/app-ref";
import type { Work } from "@/lib/db/run-sql";
import { sendJob } from "@/lib/jobs/send-job";

/** Puts the app's one waiting probe at `startAfter`, wherever it was. */
export async function scheduleProbe(app: AppRef, startAfter: Date, tx: Work): Promise<void> {
  const { organizationId, appId } = app;
  const options = { startAfter, singletonKey: keyOf(app), replaces: true, tx };
  await sendJob("app.probe", { organizationId, appId }, options);
}
