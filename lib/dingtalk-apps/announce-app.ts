import "server-only";
import type { AppRef } from "@/lib/app-ref";
import { notify } from "@/lib/db/notifications";
import type { Work } from "@/lib/db/run-sql";

/** Kind of the notice that an app was enabled, disabled or deleted, got another secret, or receives events otherwise. */
export const APP_NOTICE = "app";

/** Announces a change of an app to all processes, once the caller's transaction commits. */
export const announceApp = (work: Work, { organizationId, appId }: AppRef): Promise<void> =>
  notify(work, { kind: APP_NOTICE, organizationId, id: appId });
