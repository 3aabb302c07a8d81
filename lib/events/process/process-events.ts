import "server-only";
import type { AppRef } from "@/lib/app-ref";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { NeedsSync } from "@/lib/directory/reread/read-objects";
import { type RereadTools, rereadObjects } from "@/lib/directory/reread/reread-objects";
import { RunIsOver } from "@/lib/directory/runs/run-errors";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import { concernsAll, loadPending, objectsOf, type PendingEvent, recordResult } from "./pending-events";
import { type Processed, startEventSync } from "./start-event-sync";

export type ProcessTools = Pick<RereadTools, "callsOf" | "objectsMax">;

/**
 * Reads the objects of an app's pending events again and applies the differences, in rounds until no event is pending.
 * A failure that doesn't pass marks the events of its round as failed.
 *
 * @throws {DingtalkError} for a fault that passes; the job is retried then
 * @throws the signal's reason
 */
export async function processEvents(
  app: AppRef,
  signal: AbortSignal,
  tools: ProcessTools,
): Promise<Processed> {
  for (;;) {
    signal.throwIfAborted();
    const events = await loadPending(app);
    if (events.length === 0) return "done";
    const processed = await processRound(app, events, { ...tools, signal });
    if (processed !== "done") return processed;
  }
}

async function processRound(
  app: AppRef,
  events: readonly PendingEvent[],
  tools: RereadTools,
): Promise<Processed> {
  try {
    if (events.some(concernsAll)) return await startSync(app, events);
    await rereadObjects(app, objectsOf(events), tools, (client, { setId }) =>
      recordResult(client, app, events, { state: "handled", changeSetId: setId }),
    );
    return "done";
  } catch (error) {
    if (error instanceof NeedsSync) return startSync(app, events);
    if (isStopped(error)) return "stopped";
    if (!(error instanceof DingtalkError) || error.retry === "auto") throw error;
    log.warn("events failed", { appId: app.appId, events: events.length, error });
    const result = { state: "failed", error: error.describe() } as const;
    await inOrganizationSql(app, (client) => recordResult(client, app, events, result));
    return "done";
  }
}

/** Returns whether the app is deleted or disabled. Its events stay pending. */
const isStopped = (error: unknown): boolean =>
  error instanceof RunIsOver ||
  (error instanceof AppError && (error.code === "not_found" || error.code === "conflict"));

/** Starts a sync that covers the events. A sync that runs already may have read their objects before the change. */
const startSync = (app: AppRef, events: readonly PendingEvent[]): Promise<Processed> =>
  startEventSync(app, (tx, runId) =>
    tx.dingtalkEvent.updateMany({
      where: { organizationId: app.organizationId, id: { in: events.map(({ id }) => id) }, state: "pending" },
      data: { state: "handled", handledAt: new Date(), changeSetId: runId },
    }),
  );
