import { describe, expect, test } from "vitest";
import { fieldOf, flagOf, idOf, listOf, positiveIdOf, textOf, withDocumentedKeys } from "./read-fields";

describe("keys that differ in case only", () => {
  test("S24 the documented one wins, whatever the order", () => {
    expect(fieldOf({ RequestId: "b", requestid: "a" }, "requestid")).toBe("a");
    expect(withDocumentedKeys({ Dept_Id: 2, dept_id: 1, DEPT_ID: 3 }, ["dept_id"])).toEqual({ dept_id: 1 });
  });

  test("another one stands in where the documented one is missing", () => {
    expect(fieldOf({ RequestId: "b" }, "requestid")).toBe("b");
    expect(withDocumentedKeys({ Dept_Id: 2, other: 1 }, ["dept_id"])).toEqual({ dept_id: 2, other: 1 });
  });

  test("keys that no page documents stay apart", () => {
    expect(withDocumentedKeys({ New: 1, new: 2 }, ["dept_id"])).toEqual({ New: 1, new: 2 });
  });
});

describe("lenient readers", () => {
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
  ])("an id of %j is %j", (value, id) => {
    expect(idOf(value)).toBe(id);
  });

  test("ids of 0 and below cannot be addressed", () => {
    expect([1, 0, -1, "-7", "0"].map(positiveIdOf)).toEqual(["1", null, null, null, null]);
  });

  test("one object in place of a list is a list of it; nothing is not an empty list", () => {
    expect(listOf({ a: 1 })).toEqual([{ a: 1 }]);
    expect(listOf([])).toEqual([]);
    expect([undefined, null, ""].map(listOf)).toEqual([null, null, null]);
  });

  test("yes and no may be text or numbers", () => {
    expect([true, "true", 1, "1"].map(flagOf)).toEqual([true, true, true, true]);
    expect([false, "false", 0, "0"].map(flagOf)).toEqual([false, false, false, false]);
    expect([undefined, null, "yes", 2].map(flagOf)).toEqual([null, null, null, null]);
  });

  test("numbers are text too", () => {
    expect([12, "a", "", null].map(textOf)).toEqual(["12", "a", null, null]);
  });
});
