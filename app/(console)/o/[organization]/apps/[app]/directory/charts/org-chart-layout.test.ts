import { describe, expect, test } from "vitest";
import type { ChartBox } from "@/lib/directory/charts/schema";
import { BOX, layOut, moveFor } from "./org-chart-layout";
import { wrapText } from "./svg-text";

const box = (id: string, parentId: string | null, childCount = 0): ChartBox => ({
  id,
  parentId,
  childCount,
  name: id,
  direct: 0,
  total: 0,
  managers: [],
  managerCount: 0,
});

/** a has b and c, b has d and e, and c has three children that are not in the data. */
const ALL = [box("a", null, 2), box("b", "a", 2), box("c", "a", 3), box("d", "b"), box("e", "b")];
const shown = (folded: readonly string[] = []) => layOut(ALL, new Set(folded)).boxes;

describe("layOut", () => {
  test("orders boxes depth first without overlaps", () => {
    const boxes = shown();
    expect(boxes.map(({ id, level, position, children }) => [id, level, position, children])).toEqual([
      ["a", 1, 1, "shown"],
      ["b", 2, 1, "shown"],
      ["d", 3, 1, "none"],
      ["e", 3, 2, "none"],
      ["c", 2, 2, "omitted"],
    ]);
    for (const one of boxes) {
      const over = boxes.filter(({ x, y }) => x === one.x && Math.abs(y - one.y) < BOX.height);
      expect(over, one.id).toEqual([one]);
    }
    const heightOf = new Map(boxes.map(({ id, y }) => [id, y]));
    expect([heightOf.get("a"), heightOf.get("b")], "a parent is beside its first child").toEqual([
      heightOf.get("b"),
      heightOf.get("d"),
    ]);
  });

  test("takes no room for the children of folded departments", () => {
    expect(shown(["b"]).map(({ id }) => id)).toEqual(["a", "b", "c"]);
    expect(layOut(ALL, new Set(["a"]))).toMatchObject({ width: BOX.width + 16, height: BOX.height + 16 });
    expect(layOut([], new Set())).toMatchObject({ boxes: [] });
  });

  test("stacks several roots, including a box without its parent", () => {
    expect(layOut([box("x", "1"), box("y", null)], new Set()).boxes.map(({ level }) => level)).toEqual([
      1, 1,
    ]);
  });
});

test.each([
  ["ArrowDown", 0, { to: 1 }],
  ["ArrowUp", 0, { to: 0 }],
  ["End", 1, { to: 4 }],
  ["Home", 4, { to: 0 }],
  ["ArrowRight", 1, { to: 2 }],
  ["ArrowRight", 4, { into: "c" }],
  ["ArrowLeft", 2, { to: 1 }],
  ["ArrowLeft", 1, { fold: "b" }],
  ["Enter", 1, { fold: "b" }],
  ["Enter", 4, { into: "c" }],
  ["Enter", 2, null],
  ["x", 0, null],
])("handles the key %s on box %i", (key, at, expected) => {
  expect(moveFor(key, shown(), at)).toEqual(expected);
  expect(moveFor("ArrowRight", shown(["b"]), 1)).toEqual({ unfold: "b" });
});

test("wrapText wraps long names, counts Han as full width, and ends with an ellipsis", () => {
  expect(wrapText("销售一部", 6, 2)).toEqual(["销售一部"]);
  expect(wrapText("华东大区销售一部门", 4, 2)).toEqual(["华东大区", "销售一…"]);
  expect(wrapText("abcdefghij", 4, 2)).toEqual(["abcdef", "ghij"]);
  expect(wrapText("👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 1, 2)).toHaveLength(2);
});
