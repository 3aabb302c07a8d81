import "server-only";
import type { ClientBase } from "pg";
import type { RunRef } from "@/lib/app-ref";
import { LIMITS } from "@/lib/db/time-limits";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { applyChanges } from "../apply/apply-changes";
import { recordDetailsRead } from "../apply/apply-departments";
import { endRun } from "../runs/end-run";
import { supersedeHeldRuns } from "../runs/held-runs";
import type { RunCounts } from "../runs/run-counts";
import type { HeldReason } from "../runs/run-reasons";
import { type BegunRun, requireActive } from "../runs/run-records";
import type { RunCounters } from "../runs/run-states";
import { countMissedEvents } from "./missed-events";
import type { ReadDirectory } from "./read/read-directory";

export type PlannedRun = {
  readonly read: ReadDirectory;
  readonly counts: RunCounts;
  readonly heldFor: readonly HeldReason[];
};

/**
 * Applies a planned run or holds it, in one transaction, so that readers see the old tree or the new one.
 * @throws {RunIsOver} when the run is no longer its app's active run; nothing is written
 */
export function applyRun(run: BegunRun, planned: PlannedRun, counters: RunCounters): Promise<void> {
  const { read, counts, heldFor } = planned;
  const { isComplete, error } = completenessOf(read);
  const { strategy, leastCalls } = read;
  const end = { isComplete, counters, counts, strategy, leastCalls };
  const set = { ...run, setId: run.runId };
  return inOrganizationSql(
    run,
    async (client) => {
      await requireActive(client, run);
      if (run.mode === "preview") {
        await endRun(client, run, { ...end, state: "succeeded", error, isPreview: true });
        return;
      }
      if (heldFor.length > 0) {
        await endRun(client, run, { ...end, state: "held", error: null, heldFor });
      } else {
        const missedEvents = await countMissedEvents(client, run);
        const { revision } = await applyChanges(client, set);
        await recordDetailsRead({ client, set }, departmentsWithDetails(read));
        if (isComplete) await recordComplete(client, run, read);
        await endRun(client, run, { ...end, state: "succeeded", error, revision, missedEvents });
      }
      if (isComplete) await supersedeHeldRuns(client, run);
    },
    LIMITS.directory,
  );
}

/** A run without the permission to read members is complete, with an error: it read everything that the app may read. */
function completenessOf({ incompleteFor, membersIncompleteFor }: ReadDirectory) {
  const error = incompleteFor ?? membersIncompleteFor;
  return { isComplete: error === null || error.kind === "members_not_permitted", error };
}

const departmentsWithDetails = ({ departments }: ReadDirectory): string[] =>
  [...departments].filter(([, { details }]) => details !== null).map(([id]) => id);

async function recordComplete(client: ClientBase, run: RunRef, { scope }: ReadDirectory): Promise<void> {
  await client.query(
    `UPDATE directory SET scope = $3, full_at = now(), verified_at = now() WHERE organization_id = $1 AND app_id = $2`,
    [run.organizationId, run.appId, JSON.stringify(scope)],
  );
}
