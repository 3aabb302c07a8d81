import { describe, expect, test } from "vitest";
import { treeOf } from "./test-support/make-tree";
import { intentOf, type KeyPress } from "./tree-keys";
import { rowsOf } from "./tree-rows";

const rows = rowsOf(treeOf({ "": ["a", "b", "c"], a: ["a1", "a2"], b: ["b1"] }, ["a"]));
// a (open), a1, a2, b (closed), c (leaf)
const press = (key: string, index: number, more: Partial<KeyPress> = {}) =>
  intentOf({ key, ctrlKey: false, metaKey: false, altKey: false, isComposing: false, ...more }, rows, index);
const focus = (index: number) => ({ type: "focus", index });

describe("the keys of the ARIA tree pattern", () => {
  test.each([
    ["↓ goes to the next visible row", "ArrowDown", 0, focus(1)],
    ["↓ on the last row does nothing", "ArrowDown", 4, null],
    ["↑ goes to the previous visible row", "ArrowUp", 3, focus(2)],
    ["↑ on the first row does nothing", "ArrowUp", 0, null],
    ["→ opens what is closed", "ArrowRight", 3, { type: "open" }],
    ["→ goes to the first child of what is open", "ArrowRight", 0, focus(1)],
    ["→ on a leaf does nothing", "ArrowRight", 4, null],
    ["← closes what is open", "ArrowLeft", 0, { type: "close" }],
    ["← goes to the parent", "ArrowLeft", 2, focus(0)],
    ["← on a closed root does nothing", "ArrowLeft", 3, null],
    ["Home goes to the first row", "Home", 3, focus(0)],
    ["End goes to the last row", "End", 0, focus(4)],
    ["Enter selects, or leads on", "Enter", 1, { type: "enter" }],
    ["Space selects", " ", 1, { type: "select" }],
    ["* opens the siblings", "*", 1, { type: "open-siblings" }],
    ["/ leads to the search", "/", 1, { type: "search" }],
    ["Escape leaves the search", "Escape", 1, { type: "leave" }],
    ["F6 leads to the detail", "F6", 1, { type: "to-detail" }],
    ["a letter looks for a name", "x", 1, { type: "type", text: "x" }],
    ["a Han character looks for a name", "销", 1, { type: "type", text: "销" }],
    ["a character beyond 16 bits is one", "𠮷", 1, { type: "type", text: "𠮷" }],
    ["F5 is the browser's", "F5", 1, null],
    ["Tab is the browser's", "Tab", 1, null],
  ])("%s", (_, key, index, expected) => {
    expect(press(key, index)).toEqual(expected);
  });

  test.each(["ctrlKey", "metaKey", "altKey"] as const)("with %s held, keys are the browser's", (held) => {
    for (const key of ["c", "ArrowLeft", "Home", "/"]) expect(press(key, 2, { [held]: true })).toBeNull();
  });

  test("nothing happens while an input method composes, whatever the key", () => {
    for (const key of ["x", "Enter", "ArrowDown", "Process"]) {
      expect(press(key, 0, { isComposing: true })).toBeNull();
    }
    expect(press("Process", 0)).toBeNull();
  });
});
