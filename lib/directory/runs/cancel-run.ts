import "server-only";
import type { RunRef } from "@/lib/app-ref";
import type { Tx } from "@/lib/db/unit-of-work";
import { announceRun } from "./announce-run";
import { dropQueuedSync } from "./queue";
import type { SyncReason } from "./run-reasons";

/**
 * Ends a run that waits or is under way. One that waits is over at once; one that is under way makes no further
 * call to DingTalk and writes nothing. The app's row has to be locked, by `lockApp`.
 *
 * @param reason kept with the run where it was not a person who cancelled this very run
 * @returns false for a run that had ended already
 */
export async function cancelRun(tx: Tx, run: RunRef, reason?: SyncReason): Promise<boolean> {
  const { organizationId, appId, runId } = run;
  const { count } = await tx.syncRun.updateMany({
    where: { organizationId, id: runId, state: { in: ["queued", "running"] } },
    data: { state: "cancelled", finishedAt: new Date(), stage: null, ...(reason && { error: reason }) },
  });
  if (count === 0) return false;
  await tx.dingtalkApp.updateMany({
    where: { organizationId, id: appId, activeRunId: runId },
    data: { activeRunId: null },
  });
  await dropQueuedSync(tx, { organizationId, appId });
  await announceRun(tx, run);
  return true;
}
