import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  countPasswordCheck,
  countWrongPassword,
  delaySeconds,
  hasManyPasswordChecks,
  isFrequentGuesser,
} from "./sign-in-attempts";

test("S7 the delay is 0 for the free attempts, then 30 s, and doubles up to its maximum", () => {
  const delays = Array.from({ length: 14 }, (_, wrong) => delaySeconds(wrong, 5, 3_600));
  expect(delays).toEqual([0, 0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600]);
});

test("S7 the delay stays at its maximum after any number of wrong passwords", () => {
  expect([100, 10_000, 1_000_000].map((wrong) => delaySeconds(wrong, 20, 900))).toEqual([900, 900, 900]);
});

const MINUTE = 60_000;

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
afterEach(() => void vi.useRealTimers());

/** Counts wrong passwords from an address. */
const guess = (address: string, times: number) => {
  for (let count = 0; count < times; count++) countWrongPassword(address);
};

describe("isFrequentGuesser", () => {
  test("returns false after two wrong passwords from an address and true after three", () => {
    guess("192.0.2.1", 2);
    expect(isFrequentGuesser("192.0.2.1")).toBe(false);
    guess("192.0.2.1", 1);
    expect(isFrequentGuesser("192.0.2.1")).toBe(true);
    expect(isFrequentGuesser("192.0.2.2"), "another address").toBe(false);
  });

  test("forgets one wrong password every five minutes", () => {
    guess("192.0.2.3", 3);
    vi.advanceTimersByTime(5 * MINUTE - 1);
    expect(isFrequentGuesser("192.0.2.3")).toBe(true);
    vi.advanceTimersByTime(1);
    expect(isFrequentGuesser("192.0.2.3")).toBe(false);
    guess("192.0.2.3", 1);
    expect(isFrequentGuesser("192.0.2.3"), "the two others still count").toBe(true);
  });

  test("counts the addresses of one IPv6 /64 network as one address", () => {
    guess("2001:db8:1:1::1", 3);
    expect(isFrequentGuesser("2001:db8:1:1::2")).toBe(true);
    expect(isFrequentGuesser("2001:db8:1:2::1")).toBe(false);
  });
});

test("hasManyPasswordChecks returns true from the third check on, until five minutes have passed", () => {
  const email = "one@example.test";
  for (let count = 0; count < 2; count += 1) countPasswordCheck(email);
  expect(hasManyPasswordChecks(email)).toBe(false);
  countPasswordCheck(email);
  expect(hasManyPasswordChecks(email)).toBe(true);
  expect(hasManyPasswordChecks("another@example.test")).toBe(false);
  vi.advanceTimersByTime(5 * MINUTE);
  expect(hasManyPasswordChecks(email)).toBe(false);
});
