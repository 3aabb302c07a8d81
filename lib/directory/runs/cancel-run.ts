import "server-only";
import type { RunRef } from "@/lib/app-ref";
import type { Actor } from "@/lib/auth/actor";
import { lockApp } from "@/lib/db/lock-app";
import type { Tx } from "@/lib/db/unit-of-work";
import { inOrganization } from "@/lib/db/unit-of-work";
import { notFound } from "@/lib/errors";
import { isUuid } from "@/lib/public-id";
import { err, ok, type Result } from "@/lib/result";
import { dropQueuedSync } from "./queue";
import type { SyncReason } from "./run-reasons";
import { announceRun } from "./run-records";

/**
 * Cancels a queued or running run, whose worker then writes nothing. The caller must hold the app's lock (`lockApp`).
 * @param reason stored with the run, unless a person cancelled this very run
 * @returns false for a run that had ended
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

/** Cancels a queued or running run. @returns `over` for a run that had ended */
export async function cancelSync(
  actor: Actor<"directory.sync">,
  runId: string,
): Promise<Result<null, "over">> {
  if (!isUuid(runId)) throw notFound("run");
  const { organizationId } = actor;
  return inOrganization(actor, async (tx) => {
    const run = await tx.syncRun.findUnique({
      where: { organizationId_id: { organizationId, id: runId } },
      select: { appId: true },
    });
    if (!run) throw notFound("run");
    const { appId } = run;
    await lockApp(tx, { organizationId, appId });
    return (await cancelRun(tx, { organizationId, appId, runId })) ? ok(null) : err("over");
  });
}
