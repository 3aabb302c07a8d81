import "server-only";
import type { Tx } from "@/lib/db/unit-of-work";
import { removeWaitingJobs, sendJob } from "@/lib/jobs/send-job";
import { keyOf } from "@/lib/tokens/app-ref";
import type { AppRef, RunRef } from "../refs";

/**
 * Queues a run's job in the transaction that makes the run.
 *
 * @returns `false` when one waits for the app already
 */
export async function sendSyncJob(tx: Tx, { organizationId, appId, runId }: RunRef): Promise<boolean> {
  const singletonKey = keyOf({ organizationId, appId });
  return sendJob("sync", { organizationId, appId, runId }, { tx, singletonKey });
}

/** `dropQueuedSync` for all of an organization's apps, before they are deleted. */
export async function dropQueuedSyncs(tx: Tx, organizationId: string): Promise<void> {
  const apps = await tx.dingtalkApp.findMany({ where: { organizationId }, select: { id: true } });
  for (const { id: appId } of apps) await dropQueuedSync(tx, { organizationId, appId });
}

/**
 * Takes an app's waiting job out of the queue, in the transaction that ends its run or deletes the app. One
 * that is being worked on stays: its worker finds out at its next call.
 */
export const dropQueuedSync = (tx: Tx, app: AppRef): Promise<void> =>
  removeWaitingJobs(tx, "sync", keyOf(app));
