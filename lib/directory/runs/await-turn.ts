import "server-only";
import type { ClientBase } from "pg";
import { ADVISORY_LOCKS } from "@/lib/db/advisory-locks";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { log } from "@/lib/log";
import { type ActiveJob, holderOf, mustGiveBack, type Turn, type TurnLimits, turnFor } from "./turns";

export const TURNS_LOCK_KEY = ADVISORY_LOCKS.syncTurns;
const POLL_MS = 500;
/** Minimum length of a turn. A resumed run repeats the calls that were under way, which must be few beside those of a turn. */
const TURN_MS = 5 * 60_000;
const OTHERS_POLL_MS = 5_000;

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

/**
 * Resolves when the job has given its turn back because another organization's sync waits, after five minutes at the
 * earliest. The job must end then, and its run continues in a new job. The turn stays taken until the job has ended.
 *
 * @throws the signal's reason when it aborts
 */
export async function awaitTurnEnd(
  job: WaitingJob,
  signal: AbortSignal,
  options: TurnOptions & { readonly turnMs?: number },
): Promise<void> {
  await options.sleep(options.turnMs ?? TURN_MS, signal);
  while (!(await tryGiveBack(job, options))) await options.sleep(OTHERS_POLL_MS, signal);
}

/** @returns false while no other organization needs the turn, and while the database is unavailable */
async function tryGiveBack(job: WaitingJob, { turnsMax }: TurnLimits): Promise<boolean> {
  try {
    return await inOrganizationSql(job, async (client) => {
      const { active, mine, turns } = await readTurns(client, job, turnsMax);
      const { rows: queued } = await client.query<{ organizationId: string | null }>(
        `SELECT DISTINCT group_id AS "organizationId" FROM pgboss.job
         WHERE name = 'sync' AND state < 'active' AND start_after <= now()`,
      );
      const others = { active, queued: queued.map(({ organizationId }) => organizationId), turns };
      if (!mine || !mustGiveBack(mine, others)) return false;
      await client.query(
        "UPDATE throttle SET points = -points WHERE points = $1 AND key = ANY ($2::text[])",
        [holderOf(mine), turns.map(({ key }) => key)],
      );
      return true;
    });
  } catch (error) {
    log.debug("sync turn check failed", { job: job.id, error });
    return false;
  }
}

async function tryTurn(
  client: ClientBase,
  job: WaitingJob,
  { turnsMax, perOrganization }: TurnLimits,
): Promise<"mine" | "waiting" | "lost"> {
  const { active, mine, turns } = await readTurns(client, job, turnsMax);
  if (!mine) return "lost";
  const key = turnFor(mine, active, turns, perOrganization);
  if (key === null) return "waiting";
  await client.query(
    `INSERT INTO throttle (key, points, expire) VALUES ($1, $2, NULL)
     ON CONFLICT (key) DO UPDATE SET points = EXCLUDED.points`,
    [key, holderOf(mine)],
  );
  return "mine";
}

/** Reads the turns and locks them until the unit of work ends. A negative holder marks a turn that is being given back. */
async function readTurns(client: ClientBase, job: WaitingJob, turnsMax: number) {
  await client.query("SELECT pg_advisory_xact_lock($1)", [TURNS_LOCK_KEY]);
  const { rows: active } = await client.query<ActiveJob>(
    `SELECT id, retry_count AS attempt, group_id AS "organizationId", -priority AS rank,
       extract(epoch FROM created_on)::float8 AS "queuedAt"
     FROM pgboss.job WHERE name = 'sync' AND state = 'active'`,
  );
  const keys = Array.from({ length: turnsMax }, (_, index) => `sync.turn:${index}`);
  const { rows: turns } = await client.query<Turn>(
    `SELECT key, abs(points) AS holder, coalesce(points < 0, false) AS "isGivenBack"
     FROM unnest($1::text[]) AS key LEFT JOIN throttle USING (key)`,
    [keys],
  );
  const mine = active.find(({ id, attempt }) => id === job.id && attempt === job.attempt);
  return { active, mine, turns };
}
