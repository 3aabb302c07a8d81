import { setTimeout as delay } from "node:timers/promises";
import { median } from "./report";

const LOOK_EVERY_MS = 50;

/** Returns the duration of work in milliseconds. */
export async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** Returns the median duration of several runs in milliseconds, after two runs that do not count. */
export async function medianTimeOf(times: number, work: () => Promise<unknown>): Promise<number> {
  const measured: number[] = [];
  for (let go = -2; go < times; go += 1) {
    const ms = await timeOf(work);
    if (go >= 0) measured.push(ms);
  }
  return median(measured);
}

/**
 * Polls until `look` returns a value.
 *
 * @returns the value
 * @throws {Error} naming `what`, when the time limit is reached
 */
export async function until<T>(
  what: string,
  look: () => Promise<T | null | false | undefined> | T | null | false | undefined,
  limitMs: number,
): Promise<T> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== null && found !== false && found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`${what}: not within ${limitMs / 1_000} s`);
    await delay(LOOK_EVERY_MS);
  }
}

/**
 * Returns the largest number of points in time that lie within any window of a length in milliseconds, both ends
 * included.
 */
export const mostWithin = (moments: readonly number[], lengthMs: number): number =>
  Math.max(0, ...moments.map((from) => moments.filter((at) => at >= from && at <= from + lengthMs).length));

/** Times of a sync by the database's clock, in milliseconds since the epoch. */
export type Times = { readonly queuedMs: number; readonly startedMs: number; readonly finishedMs: number };

/** A waiting sync polls every half second, so two whose turn comes together may begin in either order. */
const TOGETHER_MS = 1_000;

/** Returns the largest number of simultaneous runs. A run that begins when another ends does not overlap it. */
export function mostAtOnce(times: readonly Times[]): number {
  const steps = times.flatMap(({ startedMs, finishedMs }) => [
    { atMs: startedMs, by: 1 },
    { atMs: finishedMs, by: -1 },
  ]);
  steps.sort((a, b) => a.atMs - b.atMs || a.by - b.by);
  let running = 0;
  return Math.max(0, ...steps.map(({ by }) => (running += by)));
}

/** Returns the number of runs that began clearly later than a run queued after them. */
export const countOvertaken = (times: readonly Times[]): number =>
  times.filter((one) =>
    times.some((other) => other.queuedMs < one.queuedMs && other.startedMs > one.startedMs + TOGETHER_MS),
  ).length;
