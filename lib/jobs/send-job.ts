import "server-only";
import type { Db } from "pg-boss";
import { runSql, type Work } from "@/lib/db/run-sql";
import { readTogether } from "@/lib/db/unit-of-work";
import { sender } from "./boss";
import { type JobData, QUEUES, type QueueName } from "./queues";

export type SendOptions = {
  /** The job is there if and when this unit of work commits. */
  readonly tx?: Work;
  /** Not before this time, by the database's clock. */
  readonly startAfter?: Date;
  /** Ids joined by `/`: in a queue whose policy is `short`, at most one job waits under a key. */
  readonly singletonKey?: string;
  /** A job that waits under the key is moved to `startAfter`, instead of being left as it is. */
  readonly replaces?: boolean;
  /** Jobs of one group count against the worker's `groupConcurrency`. */
  readonly group?: string;
  /** Higher runs first; 0 by default. */
  readonly priority?: number;
  /** At most one in each such stretch of time, also after it was worked off. */
  readonly everySeconds?: number;
};

/** A unit of work, as pg-boss wants it. */
const databaseOf = (work: Work): Db => ({
  executeSql: async (text, values = []) => ({ rows: await runSql(work, text, values) }),
});

/**
 * Puts a job into a queue.
 *
 * @returns whether it is a new one; `false` when one waits under the same key already
 * @throws {ZodError} when `data` holds anything but what the queue's schema names (S18)
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
  // Without a time a waiting job would keep the one it has.
  const { inserted } = await sender().upsert(queue, checked, {
    ...options,
    startAfter: startAfter ?? 0,
    singletonKey,
  });
  return inserted > 0;
}

// pg-boss's index of keys has the states before `active` only; asked for in one condition, all three would be read without it.
export const KEYS_WITH_JOB = `
  SELECT singleton_key AS key FROM pgboss.job
  WHERE name = $1 AND state < 'active' AND singleton_key = ANY ($2::text[])
  UNION ALL
  SELECT singleton_key FROM pgboss.job WHERE name = $1 AND state = 'active' AND singleton_key = ANY ($2::text[])`;

/** Returns which of an organization's keys have a job that waits, runs or is to be repeated: a sweep would add a second one. */
export async function keysWithJob(
  organizationId: string,
  queue: QueueName,
  keys: readonly string[],
): Promise<ReadonlySet<string>> {
  if (keys.length === 0) return new Set();
  // A query of its own: the rows that the keys belong to may lie on another node than the jobs.
  const rows = await readTogether<{ key: string }>({ organizationId }, KEYS_WITH_JOB, [queue, keys]);
  return new Set(rows.map(({ key }) => key));
}

/** Takes away what waits under a key, when what it was about is gone. A job that runs finds that out itself. */
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
