import "server-only";
import type { RunRef } from "@/lib/app-ref";
import { notify } from "@/lib/db/notifications";
import type { Work } from "@/lib/db/run-sql";

/** The kind of notice that a run began, went on or ended. Its id is the run's. */
export const RUN_NOTICE = "run";

/** Tells whoever watches a run, when the unit of work commits, to read it anew. */
export const announceRun = (work: Work, { organizationId, runId }: RunRef): Promise<void> =>
  notify(work, { kind: RUN_NOTICE, organizationId, id: runId });
