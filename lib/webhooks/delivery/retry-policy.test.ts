import { describe, expect, test } from "vitest";
import { isGivenUp, nextAttemptAt, pauseAfterRounds } from "./retry-policy";

const AT_MS = Date.UTC(2026, 11, 3);
const pauseOf = (attempts: number, random: number, retryAfterMs: number | null = null) => {
  const next = nextAttemptAt({ attempts, atMs: AT_MS, random, retryAfterMs });
  return next && next.getTime() - AT_MS;
};

describe("retries of a delivery", () => {
  test("retries follow after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h and 10 h", () => {
    const pauses = [1, 2, 3, 4, 5, 6, 7, 8].map((attempts) => pauseOf(attempts, 0));
    expect(pauses).toEqual([5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 36_000_000, null]);
  });

  test("retries are up to a tenth later at random", () => {
    expect(pauseOf(1, 0.5)).toBe(5_250);
    expect(pauseOf(2, 0.99)).toBe(329_700);
  });

  test("retries wait for a later Retry-After, up to a day", () => {
    expect(pauseOf(1, 0, 60_000)).toBe(60_000);
    expect(pauseOf(2, 0, 60_000)).toBe(300_000);
    expect(pauseOf(1, 0, 10 * 86_400_000)).toBe(86_400_000);
  });
});

test("an endpoint is given up after five days of failures", () => {
  const since = new Date(AT_MS);
  expect(isGivenUp(since, AT_MS + 5 * 86_400_000 - 1)).toBe(false);
  expect(isGivenUp(since, AT_MS + 5 * 86_400_000)).toBe(true);
});

test("a failing endpoint is tried after 5, 10, 20, … seconds, and every 5 minutes in the end", () => {
  expect([1, 2, 3, 6, 7, 50].map(pauseAfterRounds)).toEqual([
    5_000, 10_000, 20_000, 160_000, 300_000, 300_000,
  ]);
});
