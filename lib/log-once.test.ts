import { expect, test } from "vitest";
import { isLogDue } from "./log-once";

test("returns true once a minute for each kind of line", () => {
  expect([isLogDue("test.a", 0), isLogDue("test.a", 59_999), isLogDue("test.b", 59_999)]).toEqual([
    true,
    false,
    true,
  ]);
  expect(isLogDue("test.a", 60_000)).toBe(true);
});
