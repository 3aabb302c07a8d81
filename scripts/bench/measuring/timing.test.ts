import { expect, test } from "vitest";
import { countOvertaken, mostAtOnce, mostWithin } from "./timing";

const run = (queuedMs: number, startedMs: number, finishedMs: number) => ({
  queuedMs,
  startedMs,
  finishedMs,
});

test("mostAtOnce counts overlapping runs, but not one that begins where another ends", () => {
  expect(mostAtOnce([])).toBe(0);
  expect(mostAtOnce([run(0, 0, 10), run(0, 10, 20)])).toBe(1);
  expect(mostAtOnce([run(0, 0, 10), run(0, 5, 20), run(0, 9, 12), run(0, 15, 30)])).toBe(3);
});

test("countOvertaken counts syncs that began later than one queued after them, by more than the poll interval", () => {
  expect(countOvertaken([run(0, 0, 9_000), run(1, 5_000, 6_000)])).toBe(0);
  expect(countOvertaken([run(0, 500, 9_000), run(1, 0, 6_000)])).toBe(0);
  expect(countOvertaken([run(0, 5_000, 9_000), run(1, 0, 6_000), run(2, 100, 300)])).toBe(2);
});

test("mostWithin searches all windows, including both ends", () => {
  expect(mostWithin([], 10)).toBe(0);
  expect(mostWithin([0, 11, 22, 33], 10)).toBe(1);
  expect(mostWithin([0, 10, 50, 55, 60, 61], 10)).toBe(3);
  expect(mostWithin([61, 60, 55, 50, 51], 11)).toBe(5);
});
