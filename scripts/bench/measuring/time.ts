import { median } from "./report";

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
