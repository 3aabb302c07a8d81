import { describe, expect, test } from "vitest";
import { departmentId } from "./ids";
import { searchText } from "./search/schema";
import { childrenQuery } from "./tree/schema";

describe("departmentId", () => {
  test.each(["0", "1", "-7", "9007199254740993", "9223372036854775807"])(
    "accepts the department id %s",
    (text) => {
      expect(departmentId.safeParse(text).data).toBe(text);
    },
  );

  test.each([
    "",
    "01",
    "-0",
    "+1",
    "1.0",
    "1e3",
    " 1",
    "１",
    "0x1",
    "9223372036854775808",
    "99999999999999999999",
    "1;DROP",
  ])("rejects the department id %j", (text) => {
    expect(departmentId.safeParse(text).success).toBe(false);
  });
});

test("rejects an invalid parent instead of returning the roots", () => {
  expect(childrenQuery.safeParse({ parent: "" }).success).toBe(false);
  expect(childrenQuery.safeParse({}).data).toEqual({});
});

test("accepts search texts of 1 to 128 characters, trimmed", () => {
  expect(searchText.parse("  销售 ")).toBe("销售");
  for (const text of ["", "   ", "x".repeat(129)]) {
    expect(searchText.safeParse(text).success, JSON.stringify(text.slice(0, 5))).toBe(false);
  }
});
