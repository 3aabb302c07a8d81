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
