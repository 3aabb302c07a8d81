import "server-only";
import type { Db } from "pg-boss";
import { type AppRef, keyOf } from "@/lib/app-ref";
import { runSql, type Work } from "@/lib/db/run-sql";
import { sender } from "./boss";
import { type JobData, QUEUES, type QueueName } from "./queues";

export type SendOptions = {
  /** The unit of work whose commit sends the job. */
  readonly tx?: Work;
  /** Earliest start, by the database's clock. */
  readonly startAfter?: Date;
  /** Ids joined by `/`. A queue with the policy `short` has at most one waiting job per key. */
  readonly singletonKey?: string;
  /** Moves a waiting job with the same key to `startAfter`, instead of leaving it as it is. */
  readonly replaces?: boolean;
  readonly group?: string;
  /** Higher runs first; 0 by default. */
  readonly priority?: number;
  /** Allows one job per interval of this length, completed jobs included. */
  readonly everySeconds?: number;
};

const databaseOf = (work: Work): Db => ({
  executeSql: async (text, values = []) => ({ rows: await runSql(work, text, values) }),
});

/**
 * Sends a job. @returns `false` if one with the same key was waiting
 * @throws {ZodError} if `data` doesn't match the queue's schema exactly (S18)
 */
export async function sendJob<Name extends QueueName>(
  queue: Name,
  data: JobData<Name>,
  { tx, startAfter, singletonKey, replaces = false, everySeconds, group, priority }: SendOptions = {},
): Promise<boolean> {
  const checked = QUEUES[queue].data.parse(data);
  const options = {
    ...(tx && { db: databaseOf(tx) }),
    ...(startAfter && { startAfter }),
    ...(group && { group: { id: group } }),
    ...(priority !== undefined && { priority }),
  };
  if (!replaces || singletonKey === undefined) {
    const id = await sender().send(queue, checked, {
      ...options,
      ...(singletonKey && { singletonKey }),
      ...(everySeconds && { singletonSeconds: everySeconds }),
    });
    return id !== null;
  }
  // Without a time, a waiting job would keep its own.
  const { inserted } = await sender().upsert(queue, checked, {
    ...options,
    startAfter: startAfter ?? 0,
    singletonKey,
  });
  return inserted > 0;
}

export async function scheduleAppJob(
  queue: "token.renew" | "app.probe" | "sync.due" | "event.recover" | "event.reconcile",
  app: AppRef,
  startAfter: Date,
  tx?: Work,
): Promise<void> {
  const { organizationId, appId } = app;
  const options = { startAfter, singletonKey: keyOf(app), replaces: true, ...(tx && { tx }) };
  await sendJob(queue, { organizationId, appId }, options);
}

/** Removes the waiting jobs of a key whose subject was deleted. A running job finds that out itself. */
export async function removeWaitingJobs(tx: Work, queue: QueueName, singletonKey: string): Promise<void> {
  const db = databaseOf(tx);
  const waiting = await sender().findJobs(queue, { key: singletonKey, queued: true, db });
  if (waiting.length === 0) return;
  await sender().deleteJob(
    queue,
    waiting.map(({ id }) => id),
    { db },
  );
}
