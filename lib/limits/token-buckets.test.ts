import { expect, test } from "vitest";
import { TokenBuckets } from "./token-buckets";

test("a key has a burst of tokens, and then the refill per second", () => {
  const budgets = new TokenBuckets({ perSecond: 10, burst: 30 });
  const taken = (nowMs: number) => {
    let count = 0;
    while (budgets.take("a", 1, nowMs) === 0) count += 1;
    return count;
  };
  expect([taken(0), taken(1_000), taken(1_500), taken(60_000)]).toEqual([30, 10, 5, 30]);
  expect(budgets.take("b", 1, 60_000)).toBe(0);
});

test("a refused request takes no token and gets the time until its cost is refilled", () => {
  const budgets = new TokenBuckets({ perSecond: 10, burst: 10 });
  expect(budgets.take("a", 10, 0)).toBe(0);
  expect(budgets.take("a", 5, 100)).toBeCloseTo(400);
  expect(budgets.take("a", 5, 100)).toBeCloseTo(400);
  expect(budgets.waitMs("a", 1, 100)).toBe(0);
});

test("forgets the least recently used of more than 20,000 keys", () => {
  const budgets = new TokenBuckets({ perSecond: 1, burst: 1 });
  budgets.take("first", 1, 0);
  for (let index = 0; index < 20_000; index += 1) budgets.take(`key ${index}`, 1, 0);
  expect(budgets.waitMs("first", 1, 0)).toBe(0);
  expect(budgets.waitMs("key 0", 1, 0)).toBe(1_000);
});
