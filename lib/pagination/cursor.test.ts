import { describe, expect, test } from "vitest";
import { z } from "zod";
import { cursorNumber, cursorOf, cursorOfField, encodeCursor, nextCursor } from "./cursor";

const position = cursorOf(z.enum(["department", "member"]), cursorNumber, z.string().min(1));

describe("cursorOf", () => {
  test("cursorOf decodes what encodeCursor returned, with dots and any script in the last field", () => {
    for (const id of ["1", "a.b.c", "..", "张三", "a b%_\\"])
      expect(position.parse(encodeCursor("member", 7, id)), id).toEqual(["member", 7, id]);
    expect(cursorOfField(cursorNumber).parse(encodeCursor(2_147_483_647))).toBe(2_147_483_647);
  });

  test.each([
    ["another list's cursor", encodeCursor("member", 7)],
    ["a value outside the field's schema", encodeCursor("person", 7, "a")],
    ["a number with a leading zero", encodeCursor("member", "07", "a")],
    ["a number above int4", encodeCursor("member", 2_147_483_648, "a")],
    ["a negative number", encodeCursor("member", -1, "a")],
    ["padding that encodeCursor leaves out", `${encodeCursor("member", 7, "ab")}=`],
    ["characters that are not base64url", `${encodeCursor("member", 7, "a")} `],
    [
      "bytes that are not UTF-8",
      Buffer.concat([Buffer.from("member.7."), Buffer.of(0xff)]).toString("base64url"),
    ],
    ["an empty text", ""],
    ["more than 1,000 characters", encodeCursor("member", 7, "a".repeat(1_000))],
  ])("refuses the cursor %s", (_, text) => {
    expect(position.safeParse(text).error?.issues.length).toBe(1);
  });
});

test("nextCursor is null on the last page", () => {
  expect([nextCursor(null), nextCursor("li"), nextCursor(3)]).toEqual([null, "bGk", "Mw"]);
});
