import { expect, test } from "vitest";
import { AdaptiveConcurrency } from "./adaptive-concurrency";

function after(callsPerSecond: number, latencyMs: number): number {
  const atOnce = new AdaptiveConcurrency(callsPerSecond);
  for (let call = 0; call < 100; call += 1) atOnce.observe(latencyMs);
  return atOnce.count;
}

test("allows as many concurrent calls as the rate limit and the measured latency need, from 5 to 40", () => {
  expect(new AdaptiveConcurrency(20).count).toBe(6);
  expect(after(20, 500)).toBe(11);
  expect(after(40, 500)).toBe(21);
  expect(after(20, 10)).toBe(5);
  expect(after(60, 8_000)).toBe(40);
});

test("changes little after one slow answer among many", () => {
  const atOnce = new AdaptiveConcurrency(20);
  for (let call = 0; call < 50; call += 1) atOnce.observe(250);
  atOnce.observe(1_000);
  expect(atOnce.count).toBe(8);
});
