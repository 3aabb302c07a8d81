import { expect, test } from "vitest";
import { isLogDue } from "./log-once";

test("a line of one kind is due once a minute, and one of another kind meanwhile", () => {
  expect([isLogDue("test.a", 0), isLogDue("test.a", 59_999), isLogDue("test.b", 59_999)]).toEqual([
    true,
    false,
    true,
  ]);
  expect(isLogDue("test.a", 60_000)).toBe(true);
});
