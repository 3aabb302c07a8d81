import { createHash } from "node:crypto";

/** A job that some worker has in its hands: it runs, or waits for its turn. */
export type ActiveJob = {
  readonly id: string;
  /** Rises when the job is tried again, so that an earlier worker's turn is none any more. */
  readonly attempt: number;
  /** When it was queued, in seconds since the epoch; a later try keeps it. */
  readonly queuedAt: number;
};

/** One of the turns that there are at a time, and who has it. */
export type Turn = { readonly key: string; readonly holder: number | null };

/** Stands for a job's attempt in a table that holds numbers only. */
export const holderOf = ({ id, attempt }: ActiveJob): number =>
  createHash("sha256").update(`${id} ${attempt}`).digest().readUInt32BE(0) >>> 1;

/**
 * Which turn a job gets: as many run as there are turns, and of those who wait the ones that were queued
 * first. The turn of a job that nobody works on any more is free, without anybody giving it back.
 *
 * @returns the turn's key; `null` while it has to wait
 */
export function turnFor(job: ActiveJob, active: readonly ActiveJob[], turns: readonly Turn[]): string | null {
  const working = new Set(active.map(holderOf));
  const mine = holderOf(job);
  const held = turns.find(({ holder }) => holder === mine);
  if (held) return held.key;

  const free = turns.filter(({ holder }) => holder === null || !working.has(holder));
  const holders = new Set(turns.map(({ holder }) => holder));
  const waiting = active
    .filter((other) => !holders.has(holderOf(other)))
    .sort((a, b) => a.queuedAt - b.queuedAt || (a.id < b.id ? -1 : 1));
  const place = waiting.findIndex(({ id }) => id === job.id);
  return place < 0 ? null : (free[place]?.key ?? null);
}
