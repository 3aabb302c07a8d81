import { expect, test } from "vitest";
import { Waiting } from "./waiting";

test("S30 a hundred wait with one key, and 2,000 at one server", () => {
  const waiting = new Waiting();
  const ends = Array.from({ length: 100 }, () => waiting.enter("one"));
  expect(() => waiting.enter("one")).toThrow(expect.objectContaining({ code: "rate_limited" }));
  for (let index = 100; index < 2_000; index += 1) waiting.enter(`key ${index}`);
  expect(() => waiting.enter("another")).toThrow(
    expect.objectContaining({ code: "unavailable", retryAfterSeconds: 5 }),
  );

  ends[0]?.();
  ends[0]?.();
  expect(waiting.count).toBe(1_999);
  waiting.enter("one");
  expect(() => waiting.enter("another")).toThrow();
});
