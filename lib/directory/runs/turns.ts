import { createHash } from "node:crypto";

/** A job that a worker holds: it runs, or waits for its turn. */
export type ActiveJob = {
  readonly id: string;
  /** Rises when the job is retried, so that an earlier worker's turn no longer counts. */
  readonly attempt: number;
  /** Id of the organization; `null` for a job from before turns were shared by organization. */
  readonly organizationId: string | null;
  /** The job's place in the fair order: lower runs first. @see queueRank */
  readonly rank: number;
  /** When it was queued, in seconds since the epoch; a retry keeps it. */
  readonly queuedAt: number;
};

/** One of the turns that exist at a time, and which job has it. */
export type Turn = {
  readonly key: string;
  readonly holder: number | null;
  /** True while the holder gives the turn back and has not ended yet. No other job gets the turn before that. */
  readonly isGivenBack: boolean;
};

export type TurnLimits = {
  /** How many syncs run at once, in all processes together. */
  readonly turnsMax: number;
  /** How many of them one organization may have. */
  readonly perOrganization: number;
};

/** Leaves half of the turns to other organizations, however many apps one organization has. */
export const turnLimits = (turnsMax: number): TurnLimits => ({
  turnsMax,
  perOrganization: Math.ceil(turnsMax / 2),
});

/** Represents a job's attempt in a table that holds numbers only. */
export const holderOf = ({ id, attempt }: Pick<ActiveJob, "id" | "attempt">): number =>
  createHash("sha256").update(`${id} ${attempt}`).digest().readUInt32BE(0) >>> 1;

/** The ranks of jobs that are queued or running; each is `null` when there are none. */
export type QueuedRanks = {
  /** The highest rank that a worker holds. */
  readonly active: number | null;
  /** The lowest rank that waits in the queue. */
  readonly waiting: number | null;
  /** The highest rank of the same organization's jobs, and of jobs for the same AppKey. */
  readonly same: number | null;
};

/**
 * Computes the rank of a new job by start-time fair queueing: one more than the last job of the same organization or
 * AppKey, and at least the rank that runs now. An organization that queues forty syncs gets forty ranks in a row, and
 * another organization's first sync gets the rank that is next.
 */
export const queueRank = ({ active, waiting, same }: QueuedRanks): number =>
  Math.max(active ?? waiting ?? 0, same === null ? 0 : same + 1);

/**
 * Decides which turn a job gets. The free turns go to the waiting jobs with the lowest ranks, past those whose
 * organization has all the turns that it may have. The turn of a job that no worker holds any more is free.
 *
 * @returns the turn's key; `null` while the job has to wait
 */
export function turnFor(
  job: ActiveJob,
  active: readonly ActiveJob[],
  turns: readonly Turn[],
  perOrganization: number,
): string | null {
  const holders = new Set(turns.map(({ holder }) => holder));
  const held = turns.find(({ holder }) => holder === holderOf(job));
  if (held) return held.key;

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

/** State of the queue from which `mustGiveBack` decides. */
export type Queue = {
  readonly active: readonly ActiveJob[];
  /** Organizations of the due jobs that no worker holds. */
  readonly queued: readonly (string | null)[];
  readonly turns: readonly Turn[];
};

/**
 * Returns whether a job must give its turn back, so that another organization's sync can run. Only a job of an organization
 * with the most turns gives one back, and only while more organizations are short of turns than turns are free or about to
 * be free. An organization is short of turns when it has a due job and either no turn or at least two turns fewer than the
 * job's organization.
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
