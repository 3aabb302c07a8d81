import { expect, test } from "vitest";
import { matchesEtag } from "./etag";

test.each([
  [null, false],
  ['"3"', true],
  ['W/"3"', true],
  ['"1", W/"3"', true],
  ["*", true],
  ['"33"', false],
  ["3", false],
  ["", false],
])("the condition %s matches version 3: %s", (given, expected) => {
  expect(matchesEtag(given, '"3"')).toBe(expected);
});
