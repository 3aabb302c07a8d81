import { expect, test } from "vitest";
import { delaySeconds } from "./sign-in-attempts";

test("S7 a delay is none for the free tries, then 30 s, doubling up to its limit", () => {
  const delays = Array.from({ length: 14 }, (_, wrong) => delaySeconds(wrong, 5, 3_600));
  expect(delays).toEqual([0, 0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600]);
});

test("S7 a delay stays at its limit, however often a wrong password came", () => {
  expect([100, 10_000, 1_000_000].map((wrong) => delaySeconds(wrong, 20, 900))).toEqual([900, 900, 900]);
});
