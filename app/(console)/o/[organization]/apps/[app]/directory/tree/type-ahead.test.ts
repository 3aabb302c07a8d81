import { describe, expect, test } from "vitest";
import { treeOf } from "./test-support/make-tree";
import { rowsOf } from "./tree-rows";
import { findByName, TypeAhead } from "./type-ahead";

const rows = rowsOf(treeOf({ "": ["Sales", "sandbox", "研发中心", "研究院", "  spaced", "Finance"] }));
const find = (from: number, text: string) => rows[findByName(rows, from, text)]?.key;

describe("findByName", () => {
  test.each([
    ["the next match, ignoring case", 0, "s", "sandbox"],
    ["the first match after wrapping around", 5, "s", "Sales"],
    ["a word at the current row", 0, "sal", "Sales"],
    ["a longer word further down", 0, "san", "sandbox"],
    ["Han characters", 0, "研", "研发中心"],
    ["the second of two matches", 2, "研", "研究院"],
    ["the next match for a repeated letter", 0, "sss", "sandbox"],
    ["names after leading spaces", 1, "s", "  spaced"],
    ["the current row without another match", 5, "f", "Finance"],
    ["Han characters by their pinyin initial", 0, "y", "研发中心"],
    ["the next Han match for the same letter", 2, "y", "研究院"],
    ["Han characters by several pinyin initials", 0, "yjy", "研究院"],
    ["a Latin name before Han further down", 5, "s", "Sales"],
    ["nothing", 0, "z", undefined],
    ["nothing for a space", 0, " ", undefined],
  ])("type-ahead finds %s", (_, from, text, expected) => {
    expect(find(from, text)).toBe(expected);
  });
});

describe("TypeAhead", () => {
  test("joins characters typed within half a second", () => {
    const typed = new TypeAhead();
    expect([typed.add("s", 0), typed.add("a", 499), typed.add("l", 998), typed.add("x", 1_498)]).toEqual([
      "s",
      "sa",
      "sal",
      "x",
    ]);
  });
});
