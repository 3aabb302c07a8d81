import "server-only";
import { createHash } from "node:crypto";
import type { ClientBase } from "pg";
import { ADVISORY_LOCKS } from "@/lib/db/advisory-locks";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { log } from "@/lib/log";

export type ActiveJob = {
  readonly id: string;
  /** Rises when the job is retried, so that an earlier worker's turn no longer counts. */
  readonly attempt: number;
  /** `null` for a job from before turns were shared by organization. */
  readonly organizationId: string | null;
  /** The job's place in the fair order: lower runs first. @see queueRank */
  readonly rank: number;
  /** When it was queued, in seconds since the epoch; a retry keeps it. */
  readonly queuedAt: number;
};

export type Turn = {
  readonly key: string;
  readonly holder: number | null;
  /** True from the time the holder gives the turn back until its job ends. Only then does another job get the turn. */
  readonly isGivenBack: boolean;
};

export type TurnLimits = {
  readonly turnsMax: number;
  readonly perOrganization: number;
};

/** Leaves half of the turns to other organizations, however many apps one organization has. */
export const turnLimits = (turnsMax: number): TurnLimits => ({
  turnsMax,
  perOrganization: Math.ceil(turnsMax / 2),
});

/** Returns a number for a job's attempt. The table of turns stores numbers only. */
export const holderOf = ({ id, attempt }: Pick<ActiveJob, "id" | "attempt">): number =>
  createHash("sha256").update(`${id} ${attempt}`).digest().readUInt32BE(0) >>> 1;

/**
 * Decides which turn a job gets: free turns go to the lowest ranks, within `perOrganization`.
 * @returns the turn's key; `null` while the job has to wait
 */
export function turnFor(
  job: ActiveJob,
  active: readonly ActiveJob[],
  turns: readonly Turn[],
  perOrganization: number,
): string | null {
  const holders = new Set(turns.map(({ holder }) => holder));
  const own = turns.find(({ holder }) => holder === holderOf(job));
  if (own) return own.key;

  const working = new Set(active.map(holderOf));
  const free = turns.filter(({ holder }) => holder === null || !working.has(holder)).map(({ key }) => key);
  const running = new Map<string, number>();
  const take = ({ organizationId }: ActiveJob): boolean => {
    if (organizationId === null) return true;
    const count = running.get(organizationId) ?? 0;
    running.set(organizationId, count + 1);
    return count < perOrganization;
  };
  const isRunning = (other: ActiveJob) => holders.has(holderOf(other));
  for (const other of active.filter(isRunning)) take(other);
  const next = active
    .filter((other) => !isRunning(other))
    .sort((a, b) => a.rank - b.rank || a.queuedAt - b.queuedAt || (a.id < b.id ? -1 : 1))
    .filter(take);
  const place = next.findIndex(({ id }) => id === job.id);
  return place < 0 ? null : (free[place] ?? null);
}

export type Queue = {
  readonly active: readonly ActiveJob[];
  /** Organizations of the due jobs that no worker has fetched. */
  readonly queued: readonly (string | null)[];
  readonly turns: readonly Turn[];
};

/**
 * Returns whether a job must give its turn back: only a job of an organization with the most turns, and only while
 * more organizations are short of turns than turns are free. An organization is short when it has a due job and either
 * no turn or at least two turns fewer than the job's organization.
 */
export function mustGiveBack(job: ActiveJob, { active, queued, turns }: Queue): boolean {
  const kept = new Set(turns.flatMap(({ holder, isGivenBack }) => (isGivenBack ? [] : (holder ?? []))));
  const holders = new Set(turns.map(({ holder }) => holder));
  const running = active.filter((other) => kept.has(holderOf(other)));
  const counts = new Map<string | null, number>();
  for (const { organizationId } of running) counts.set(organizationId, (counts.get(organizationId) ?? 0) + 1);
  const own = counts.get(job.organizationId) ?? 0;
  if (!kept.has(holderOf(job)) || own < Math.max(...counts.values())) return false;

  const waiting = active.filter((other) => !holders.has(holderOf(other)));
  const organizations = new Set([...waiting.map(({ organizationId }) => organizationId), ...queued]);
  organizations.delete(null);
  const short = [...organizations].filter((id) => {
    const count = counts.get(id) ?? 0;
    return id !== job.organizationId && (count === 0 || count + 1 < own);
  });
  return short.length > turns.length - running.length;
}

export const TURNS_LOCK_KEY = ADVISORY_LOCKS.syncTurns;
const POLL_MS = 500;
/** Minimum length of a turn. A resumed run repeats the calls that were under way, which must be few compared with a turn. */
const TURN_MS = 5 * 60_000;
const OTHERS_POLL_MS = 5_000;

export type WaitingJob = Pick<ActiveJob, "id" | "attempt"> & { readonly organizationId: string };

export type TurnOptions = TurnLimits & {
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<unknown>;
};

/**
 * Waits until a job may run, in the order of the ranks, within `turnsMax` and `perOrganization` in all processes,
 * which pg-boss can't limit exactly. The turn of a dead worker becomes free when pg-boss ends its job.
 * @returns false when the job is no longer this worker's
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
 * Resolves when the job has given its turn back, after five minutes at the earliest. The job must end then; its run
 * continues in a new job.
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
