import "server-only";
import type { AppRef } from "@/lib/app-ref";
import { lockAppRow } from "@/lib/db/lock-app";
import { inOrganization, type Tx } from "@/lib/db/unit-of-work";
import { canSync } from "@/lib/directory/runs/run-states";
import { startRun } from "@/lib/directory/runs/start-run";

/**
 * - `later`: a sync is under way that may have read the directory before the events
 * - `stopped`: the app is deleted, disabled or broken; its events stay pending until `sweepEvents`
 */
export type Processed = "done" | "later" | "stopped";

/** Starts a sync because of events. @param onStarted runs in the transaction that starts the sync */
export function startEventSync(
  app: AppRef,
  onStarted: (tx: Tx, runId: string) => Promise<unknown> = async () => {},
): Promise<Processed> {
  return inOrganization(app, async (tx) => {
    const locked = await lockAppRow(tx, app);
    if (!locked || !canSync(locked.state)) return "stopped";
    const start = { trigger: "event", startedBy: null } as const;
    const { already, runId } = await startRun(tx, { ...app, ...locked }, start);
    if (already) return "later";
    await onStarted(tx, runId);
    return "done";
  });
}
