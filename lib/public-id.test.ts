import fc from "fast-check";
import { expect, test } from "vitest";
import { isUuid, parsePublicId, toPublicId } from "./public-id";

test("parsePublicId reverses toPublicId for every UUID", () => {
  fc.assert(
    fc.property(fc.uuid(), (uuid) => {
      const id = toPublicId(uuid);
      expect(id).toMatch(/^[0-9a-hjkmnp-tv-z]{26}$/);
      expect(parsePublicId(id)).toBe(uuid);
      expect(isUuid(uuid)).toBe(true);
    }),
  );
});

test.each([
  ["nothing", ""],
  ["a letter that the alphabet leaves out", "0000000000000000000000000u"],
  [
    "upper case, so that one organization has one address",
    toPublicId("0190a0b0-0000-7000-8000-00000000abcd").toUpperCase(),
  ],
  ["more than 128 bits", "zzzzzzzzzzzzzzzzzzzzzzzzzz"],
  ["one character too many", "0".repeat(27)],
])("parsePublicId rejects %s", (_, text) => {
  expect(parsePublicId(text)).toBeNull();
});
