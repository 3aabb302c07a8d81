import { describe, expect, test } from "vitest";
import { treeOf } from "./test-support/make-tree";
import { rowsOf } from "./tree-rows";
import { findByName, TypeAhead } from "./type-ahead";

const rows = rowsOf(treeOf({ "": ["Sales", "sandbox", "研发中心", "研究院", "  spaced", "Finance"] }));
const find = (from: number, text: string) => rows[findByName(rows, from, text)]?.key;

describe("findByName", () => {
  test.each([
    ["the next row that begins so, whatever its case", 0, "s", "sandbox"],
    ["from the first again after the last", 5, "s", "Sales"],
    ["a longer word, and stays where it fits", 0, "sal", "Sales"],
    ["a longer word further down", 0, "san", "sandbox"],
    ["Han by Han", 0, "研", "研发中心"],
    ["the second of two", 2, "研", "研究院"],
    ["the same letter again and again goes on", 0, "sss", "sandbox"],
    ["past spaces that a name begins with", 1, "s", "  spaced"],
    ["itself when nothing else begins so", 5, "f", "Finance"],
    ["Han by the first letter of its pinyin", 0, "y", "研发中心"],
    ["and the next one by the same letter", 2, "y", "研究院"],
    ["Han by the first letters of its syllables", 0, "yjy", "研究院"],
    ["a Latin name before Han further down", 5, "s", "Sales"],
    ["nothing", 0, "z", undefined],
    ["nothing for a space", 0, " ", undefined],
  ])("finds %s", (_, from, text, expected) => {
    expect(find(from, text)).toBe(expected);
  });
});

describe("TypeAhead", () => {
  test("collects what is typed within half a second, and then begins anew", () => {
    const typed = new TypeAhead();
    expect([typed.add("s", 0), typed.add("a", 499), typed.add("l", 998), typed.add("x", 1_498)]).toEqual([
      "s",
      "sa",
      "sal",
      "x",
    ]);
  });
});
