import { describe, expect, test } from "vitest";
import { fieldOf, flagOf, idOf, listOf, positiveIdOf, textOf, withDocumentedKeys } from "./read-fields";

describe("withDocumentedKeys and fieldOf", () => {
  test("S24 prefers the documented key over keys that differ only in case", () => {
    expect(fieldOf({ RequestId: "b", requestid: "a" }, "requestid")).toBe("a");
    expect(withDocumentedKeys({ Dept_Id: 2, dept_id: 1, DEPT_ID: 3 }, ["dept_id"])).toEqual({ dept_id: 1 });
  });

  test("uses a key in another case if the documented one is missing", () => {
    expect(fieldOf({ RequestId: "b" }, "requestid")).toBe("b");
    expect(withDocumentedKeys({ Dept_Id: 2, other: 1 }, ["dept_id"])).toEqual({ dept_id: 2, other: 1 });
  });

  test("keeps undocumented keys that differ only in case", () => {
    expect(withDocumentedKeys({ New: 1, new: 2 }, ["dept_id"])).toEqual({ New: 1, new: 2 });
  });
});

describe("readers of single values", () => {
  test.each([
    [1, "1"],
    ["1", "1"],
    [" 007 ", "7"],
    ["176318668975061512", "176318668975061512"],
    [-7, "-7"],
    [1.5, null],
    ["1e3", null],
    ["", null],
    [null, null],
    [true, null],
    [undefined, null],
  ])("reads the id %j as %j", (value, id) => {
    expect(idOf(value)).toBe(id);
  });

  test("returns null for department ids of 0 and below", () => {
    expect([1, 0, -1, "-7", "0"].map(positiveIdOf)).toEqual(["1", null, null, null, null]);
  });

  test("reads one value as a list of it, and a missing value as null", () => {
    expect(listOf({ a: 1 })).toEqual([{ a: 1 }]);
    expect(listOf([])).toEqual([]);
    expect([undefined, null, ""].map(listOf)).toEqual([null, null, null]);
  });

  test("reads booleans sent as strings or numbers", () => {
    expect([true, "true", 1, "1"].map(flagOf)).toEqual([true, true, true, true]);
    expect([false, "false", 0, "0"].map(flagOf)).toEqual([false, false, false, false]);
    expect([undefined, null, "yes", 2].map(flagOf)).toEqual([null, null, null, null]);
  });

  test("reads numbers as text", () => {
    expect([12, "a", "", null].map(textOf)).toEqual(["12", "a", null, null]);
  });
});
