import "server-only";
import { type AppRef, keyOf } from "@/lib/app-ref";
import type { Work } from "@/lib/db/run-sql";
import { sendJob } from "@/lib/jobs/send-job";
import { announce, TOKEN_TABLE } from "../store/token-table";

/** Puts the app's one waiting renewal at `startAfter`, wherever it was. */
export async function scheduleRenewal(app: AppRef, startAfter: Date, tx?: Work): Promise<void> {
  const { organizationId, appId } = app;
  const options = { startAfter, singletonKey: keyOf(app), replaces: true, ...(tx && { tx }) };
  await sendJob("token.renew", { organizationId, appId }, options);
}

/** Tells all processes, when the unit of work commits, that what they hold of the token is stale. */
export const announceToken = (work: Work, app: AppRef): Promise<void> => announce(TOKEN_TABLE, work, app);
