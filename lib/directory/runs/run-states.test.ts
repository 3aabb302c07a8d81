import { expect, test } from "vitest";
import { shareOfCalls } from "./run-states";

test("shareOfCalls caps the calls of each API, and returns null when no calls are expected", () => {
  const callsExpected = { "user/list": 30, listsub: 10 };
  expect(shareOfCalls({ callsByApi: {}, callsExpected })).toBe(0);
  expect(shareOfCalls({ callsByApi: { "user/list": 15, listsub: 5 }, callsExpected })).toBe(0.5);
  // Surplus calls of one API and calls of an unexpected API don't count
  expect(shareOfCalls({ callsByApi: { listsub: 999, get: 7 }, callsExpected })).toBe(0.25);
  expect(shareOfCalls({ callsByApi: { listsub: 5 }, callsExpected: null })).toBeNull();
  expect(shareOfCalls({ callsByApi: { listsub: 5 }, callsExpected: {} })).toBeNull();
});
