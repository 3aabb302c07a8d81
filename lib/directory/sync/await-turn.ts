import "server-only";
import type { ClientBase } from "pg";
import { ADVISORY_LOCKS } from "@/lib/db/advisory-locks";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { type ActiveJob, holderOf, type Turn, type TurnLimits, turnFor } from "./sync-turn";

export const TURNS_LOCK_KEY = ADVISORY_LOCKS.syncTurns;
const POLL_MS = 500;

/** A job as its worker knows it. */
export type WaitingJob = Pick<ActiveJob, "id" | "attempt"> & { readonly organizationId: string };

export type TurnOptions = TurnLimits & {
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<unknown>;
};

/**
 * Waits until a job may run: never more than `turnsMax` at once and `perOrganization` of one organization, whatever the
 * number of processes, in the order of their ranks. pg-boss limits the jobs of one process exactly but those of several
 * only about: each process counts before it sees what the others take.
 *
 * The turns are rows of the table of counters. Who has one is told by pg-boss's own list of jobs that are
 * worked on, so a worker that is gone has given its turn back when its job is.
 *
 * @returns false when the job is not in this worker's hands any more
 * @throws the signal's reason when it aborts
 */
export async function awaitTurn(
  job: WaitingJob,
  signal: AbortSignal,
  options: TurnOptions,
): Promise<boolean> {
  for (;;) {
    signal.throwIfAborted();
    const state = await inOrganizationSql(job, (client) => tryTurn(client, job, options));
    if (state !== "waiting") return state === "mine";
    await options.sleep(POLL_MS, signal);
  }
}

async function tryTurn(
  client: ClientBase,
  job: WaitingJob,
  { turnsMax, perOrganization }: TurnLimits,
): Promise<"mine" | "waiting" | "lost"> {
  await client.query("SELECT pg_advisory_xact_lock($1)", [TURNS_LOCK_KEY]);
  const { rows: active } = await client.query<ActiveJob>(
    `SELECT id, retry_count AS attempt, group_id AS "organizationId", -priority AS rank,
       extract(epoch FROM created_on)::float8 AS "queuedAt"
     FROM pgboss.job WHERE name = 'sync' AND state = 'active'`,
  );
  const mine = active.find(({ id, attempt }) => id === job.id && attempt === job.attempt);
  if (!mine) return "lost";

  const keys = Array.from({ length: turnsMax }, (_, index) => `sync.turn:${index}`);
  const { rows: turns } = await client.query<Turn>(
    `SELECT key, points AS holder FROM unnest($1::text[]) AS key LEFT JOIN throttle USING (key)`,
    [keys],
  );
  const key = turnFor(mine, active, turns, perOrganization);
  if (key === null) return "waiting";
  await client.query(
    `INSERT INTO throttle (key, points, expire) VALUES ($1, $2, NULL)
     ON CONFLICT (key) DO UPDATE SET points = EXCLUDED.points`,
    [key, holderOf(mine)],
  );
  return "mine";
}
