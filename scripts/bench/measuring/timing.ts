import { setTimeout as delay } from "node:timers/promises";
import { median } from "./report";

const LOOK_EVERY_MS = 50;

/** How long something takes, in milliseconds. */
export async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** The middle time of `times` goes, after two that don't count. */
export async function medianTimeOf(times: number, work: () => Promise<unknown>): Promise<number> {
  const measured: number[] = [];
  for (let go = -2; go < times; go += 1) {
    const ms = await timeOf(work);
    if (go >= 0) measured.push(ms);
  }
  return median(measured);
}

/**
 * Waits until something is so.
 *
 * @returns what `look` then said
 * @throws {Error} naming `what`, when it never was
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

/** The most of these moments, in milliseconds, that lie within any stretch of that length, both ends included. */
export const mostWithin = (moments: readonly number[], lengthMs: number): number =>
  Math.max(0, ...moments.map((from) => moments.filter((at) => at >= from && at <= from + lengthMs).length));

/** When a sync was queued, began and ended, in milliseconds since the epoch by the database's clock. */
export type Times = { readonly queuedMs: number; readonly startedMs: number; readonly finishedMs: number };

/** Who waits looks every half second, so of two whose turn comes together either may begin first. */
const TOGETHER_MS = 1_000;

/** The most that ran at one time. One that ends when another begins is not with it. */
export function mostAtOnce(times: readonly Times[]): number {
  const steps = times.flatMap(({ startedMs, finishedMs }) => [
    { atMs: startedMs, by: 1 },
    { atMs: finishedMs, by: -1 },
  ]);
  steps.sort((a, b) => a.atMs - b.atMs || a.by - b.by);
  let running = 0;
  return Math.max(0, ...steps.map(({ by }) => (running += by)));
}

/** How many began although one that was queued before them still waited, and had to wait on. */
export const countOvertaken = (times: readonly Times[]): number =>
  times.filter((one) =>
    times.some((other) => other.queuedMs < one.queuedMs && other.startedMs > one.startedMs + TOGETHER_MS),
  ).length;
