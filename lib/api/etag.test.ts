import { expect, test } from "vitest";
import { isHeld } from "./etag";

test.each([
  [null, false],
  ['"3"', true],
  ['W/"3"', true],
  ['"1", W/"3"', true],
  ["*", true],
  ['"33"', false],
  ["3", false],
  ["", false],
])("%s holds version 3: %s", (given, expected) => {
  expect(isHeld(given, '"3"')).toBe(expected);
});
