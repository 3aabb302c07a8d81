import "server-only";
import { readTogether } from "@/lib/db/unit-of-work";
import { type QueueName, SCHEMA } from "./queues";

// pg-boss's key index covers only the states before `active`. One condition for all three states wouldn't use it.
export const KEYS_WITH_JOB = `
  SELECT singleton_key AS key FROM ${SCHEMA}.job
  WHERE name = $1 AND state < 'active' AND singleton_key = ANY ($2::text[])
  UNION ALL
  SELECT singleton_key FROM ${SCHEMA}.job WHERE name = $1 AND state = 'active' AND singleton_key = ANY ($2::text[])`;

/** Returns which of the keys have a waiting, running or retrying job, so that a sweep sends no second one. */
export async function keysWithJob(
  organizationId: string,
  queue: QueueName,
  keys: readonly string[],
): Promise<ReadonlySet<string>> {
  if (keys.length === 0) return new Set();
  // Not joined with the organization's rows: in a distributed database they may be on another node than the jobs.
  const rows = await readTogether<{ key: string }>({ organizationId }, KEYS_WITH_JOB, [queue, keys]);
  return new Set(rows.map(({ key }) => key));
}
