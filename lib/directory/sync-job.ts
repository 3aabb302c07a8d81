import "server-only";
import type { Tx } from "@/lib/db/unit-of-work";
import type { RunRef } from "./run-notice";
import type { AppRef } from "./start-run";

/** Queues a run's job in the transaction that makes the run. */
export async function sendSyncJob(tx: Tx, run: RunRef): Promise<void> {
  await tx.$executeRaw`INSERT INTO pgboss.job (name, data) VALUES ('sync', ${JSON.stringify(run)}::jsonb)`;
}

/**
 * Takes an app's waiting job out of the queue, in the transaction that ends its run or deletes the app. One
 * that is being worked on stays: its worker finds out at its next call.
 */
export async function dropQueuedSync(tx: Tx, { organizationId, appId }: AppRef): Promise<void> {
  await tx.$executeRaw`
    DELETE FROM pgboss.job WHERE name = 'sync' AND state IN ('created', 'retry')
    AND data ->> 'organizationId' = ${organizationId} AND data ->> 'appId' = ${appId}`;
}
