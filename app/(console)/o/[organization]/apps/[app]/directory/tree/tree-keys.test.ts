import { describe, expect, test } from "vitest";
import { treeOf } from "./test-support/make-tree";
import { intentOf, type KeyPress } from "./tree-keys";
import { rowsOf } from "./tree-rows";

const rows = rowsOf(treeOf({ "": ["a", "b", "c"], a: ["a1", "a2"], b: ["b1"] }, ["a"]));
// a (open), a1, a2, b (closed), c (leaf)
const press = (key: string, index: number, more: Partial<KeyPress> = {}) =>
  intentOf({ key, ctrlKey: false, metaKey: false, altKey: false, isComposing: false, ...more }, rows, index);
const focus = (index: number) => ({ type: "focus", index });

describe("keys of the ARIA tree pattern", () => {
  test.each([
    ["↓ goes to the next visible row", "ArrowDown", 0, focus(1)],
    ["↓ on the last row does nothing", "ArrowDown", 4, null],
    ["↑ goes to the previous visible row", "ArrowUp", 3, focus(2)],
    ["↑ on the first row does nothing", "ArrowUp", 0, null],
    ["→ opens a closed department", "ArrowRight", 3, { type: "open" }],
    ["→ goes to the first child of an open department", "ArrowRight", 0, focus(1)],
    ["→ on a leaf does nothing", "ArrowRight", 4, null],
    ["← closes an open department", "ArrowLeft", 0, { type: "close" }],
    ["← goes to the parent", "ArrowLeft", 2, focus(0)],
    ["← on a closed root does nothing", "ArrowLeft", 3, null],
    ["Home goes to the first row", "Home", 3, focus(0)],
    ["End goes to the last row", "End", 0, focus(4)],
    ["Enter selects or activates", "Enter", 1, { type: "enter" }],
    ["Space selects", " ", 1, { type: "select" }],
    ["* opens the siblings", "*", 1, { type: "open-siblings" }],
    ["/ focuses the search field", "/", 1, { type: "search" }],
    ["Escape leaves the search", "Escape", 1, { type: "leave" }],
    ["F6 goes to the detail panel", "F6", 1, { type: "to-detail" }],
    ["a letter searches by name", "x", 1, { type: "type", text: "x" }],
    ["a Han character searches by name", "销", 1, { type: "type", text: "销" }],
    ["a character beyond 16 bits counts as one", "𠮷", 1, { type: "type", text: "𠮷" }],
    ["F5 is left to the browser", "F5", 1, null],
    ["Tab is left to the browser", "Tab", 1, null],
  ])("%s", (_, key, index, expected) => {
    expect(press(key, index)).toEqual(expected);
  });

  test.each(["ctrlKey", "metaKey", "altKey"] as const)("leaves keys with %s to the browser", (modifier) => {
    for (const key of ["c", "ArrowLeft", "Home", "/"]) expect(press(key, 2, { [modifier]: true })).toBeNull();
  });

  test("ignores all keys while an input method is composing", () => {
    for (const key of ["x", "Enter", "ArrowDown", "Process"]) {
      expect(press(key, 0, { isComposing: true })).toBeNull();
    }
    expect(press("Process", 0)).toBeNull();
  });
});
