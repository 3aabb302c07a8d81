import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { hasManyChecked, isGuesser, noteChecked, noteGuess } from "./frequent-guessers";

const MINUTE = 60_000;

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
afterEach(() => void vi.useRealTimers());

/** Counts wrong passwords from an address. */
const guess = (address: string, times: number) => {
  for (let count = 0; count < times; count++) noteGuess(address);
};

describe("isGuesser", () => {
  test("returns false after two wrong passwords from an address and true after three", () => {
    guess("192.0.2.1", 2);
    expect(isGuesser("192.0.2.1")).toBe(false);
    guess("192.0.2.1", 1);
    expect(isGuesser("192.0.2.1")).toBe(true);
    expect(isGuesser("192.0.2.2"), "another address").toBe(false);
  });

  test("forgets one wrong password every five minutes", () => {
    guess("192.0.2.3", 3);
    vi.advanceTimersByTime(5 * MINUTE - 1);
    expect(isGuesser("192.0.2.3")).toBe(true);
    vi.advanceTimersByTime(1);
    expect(isGuesser("192.0.2.3")).toBe(false);
    guess("192.0.2.3", 1);
    expect(isGuesser("192.0.2.3"), "the two others still count").toBe(true);
  });

  test("counts the addresses of one IPv6 /64 network as one address", () => {
    guess("2001:db8:1:1::1", 3);
    expect(isGuesser("2001:db8:1:1::2")).toBe(true);
    expect(isGuesser("2001:db8:1:2::1")).toBe(false);
  });
});

test("an account has many passwords checked from its third on, until five minutes have passed", () => {
  const email = "one@example.test";
  for (let count = 0; count < 2; count += 1) noteChecked(email);
  expect(hasManyChecked(email)).toBe(false);
  noteChecked(email);
  expect(hasManyChecked(email)).toBe(true);
  expect(hasManyChecked("another@example.test")).toBe(false);
  vi.advanceTimersByTime(5 * MINUTE);
  expect(hasManyChecked(email)).toBe(false);
});
