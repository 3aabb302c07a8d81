import { expect, test } from "vitest";
import { dueDetails } from "./due-details";

const now = new Date("2026-11-28T00:00:00Z");
const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000);
const due = (...ages: number[]) => [
  ...dueDetails({ readAt: ages.map((days, n) => [String(n), daysAgo(days)]), now, maxAgeDays: 7 }),
];

test("details are due once they are a week old, and no sooner", () => {
  expect(due(6.99, 7, 0)).toEqual(["1"]);
});

test("no run makes more than a seventh of them, and it makes the oldest", () => {
  expect(due(...Array.from({ length: 14 }, (_, n) => 8 + n))).toEqual(["13", "12"]);
});

test("of a directory read on one day all are read anew within a week, and a seventh a day from then on", () => {
  const readAt = new Map(Array.from({ length: 70 }, (_, n) => [String(n), daysAgo(7)]));
  for (let day = 0; day < 21; day += 1) {
    const today = new Date(now.getTime() + day * 86_400_000);
    const ids = dueDetails({ readAt, now: today, maxAgeDays: 7 });
    expect(ids.size).toBe(10);
    for (const id of ids) readAt.set(id, today);
  }
});
