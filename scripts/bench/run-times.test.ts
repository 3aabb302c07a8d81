import { expect, test } from "vitest";
import { countOvertaken, mostAtOnce } from "./run-times";

const run = (queuedMs: number, startedMs: number, finishedMs: number) => ({
  queuedMs,
  startedMs,
  finishedMs,
});

test("the most at once counts those that overlap, and not one that begins where another ends", () => {
  expect(mostAtOnce([])).toBe(0);
  expect(mostAtOnce([run(0, 0, 10), run(0, 10, 20)])).toBe(1);
  expect(mostAtOnce([run(0, 0, 10), run(0, 5, 20), run(0, 9, 12), run(0, 15, 30)])).toBe(3);
});

test("a sync overtakes when one that was queued before it begins later by more than a look", () => {
  expect(countOvertaken([run(0, 0, 9_000), run(1, 5_000, 6_000)])).toBe(0);
  expect(countOvertaken([run(0, 500, 9_000), run(1, 0, 6_000)])).toBe(0);
  expect(countOvertaken([run(0, 5_000, 9_000), run(1, 0, 6_000), run(2, 100, 300)])).toBe(2);
});
