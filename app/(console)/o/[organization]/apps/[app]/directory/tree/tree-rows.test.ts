import { describe, expect, test } from "vitest";
import { addPage, setClosed, setLoad, setOpen } from "./loaded-tree";
import { pageOf, treeOf } from "./test-support/make-tree";
import { parentIndexOf, rowsOf } from "./tree-rows";

const SHAPE = { "": ["a", "b"], a: ["a1", "a2"], a2: ["x"], b: [] };
const shown = (rows: ReturnType<typeof rowsOf>) => rows.map(({ key, level }) => `${level} ${key}`);

describe("rowsOf", () => {
  test("lists children below their open department, with level and position", () => {
    const rows = rowsOf(treeOf(SHAPE, ["a", "a2"]));
    expect(shown(rows)).toEqual(["1 a", "2 a1", "2 a2", "3 x", "1 b"]);
    expect(
      rows.map(({ position, setSize }, index) => [position, setSize, parentIndexOf(rows, index)]),
    ).toEqual([
      [1, 2, -1],
      [1, 2, 0],
      [2, 2, 0],
      [1, 1, 2],
      [2, 2, -1],
    ]);
  });

  test("hides open departments inside a closed one", () => {
    expect(shown(rowsOf(setClosed(treeOf(SHAPE, ["a", "a2"]), "a")))).toEqual(["1 a", "1 b"]);
  });

  test("shows a department without children as closed", () => {
    const rows = rowsOf({ ...treeOf({ "": ["leaf"] }), open: new Set(["leaf"]) });
    expect(rows).toMatchObject([{ key: "leaf", hasChildren: false, isOpen: false }]);
  });

  test("adds placeholders for unloaded children at the end and in gaps", () => {
    const wide = { "": ["r"], r: Array.from({ length: 1_000 }, (_, index) => `c${index + 1}`) };
    const page = pageOf(wide, "r", 1, 2);
    const far = pageOf(wide, "r", 900, 1);
    const state = addPage(treeOf(wide), { parent: "r" }, { ...page, items: [...page.items, ...far.items] });
    const rows = rowsOf({ ...state, open: new Set(["r"]) });
    expect(shown(rows)).toEqual(["1 r", "2 c1", "2 c2", "2 more:r:c2", "2 c900", "2 more:r:c900"]);
    expect(rows[3]).toMatchObject({ kind: "more", count: 200, position: 3, setSize: 1_000, after: "c2" });
    expect(rows[5]).toMatchObject({ kind: "more", count: 100, position: 901, after: "c900" });
  });

  test("marks a loading department as busy, and adds a failed row below it after an error", () => {
    const waiting = setLoad({ ...treeOf(SHAPE), open: new Set(["a"]) }, { parent: "a" }, "loading");
    expect(rowsOf(waiting)).toMatchObject([{ key: "a", isBusy: true }, { key: "b" }]);
    const failed = setLoad(waiting, { parent: "a" }, { failed: "unavailable" });
    expect(rowsOf(failed)).toMatchObject([
      { key: "a", isBusy: false, isOpen: true },
      { key: "failed:a", kind: "failed", failed: "unavailable", level: 2, parent: "a" },
      { key: "b" },
    ]);
  });

  test("shows a moved department only below its new parent", () => {
    const state = addPage(treeOf(SHAPE, ["a"]), { parent: "b" }, pageOf({ b: ["a1"] }, "b"));
    const rows = rowsOf({ ...state, open: new Set(["a", "b"]) });
    expect(rows.filter(({ key }) => key === "a1")).toHaveLength(1);
  });

  test("ends with departments that are each other's children", () => {
    const first = addPage(treeOf({ "": ["a"], a: [] }), { parent: "a" }, pageOf({ a: ["b"], b: [] }, "a"));
    const circle = addPage(first, { parent: "b" }, pageOf({ b: ["a"], a: [] }, "b"));
    expect(rowsOf({ ...circle, open: new Set(["a", "b"]) }).length).toBeLessThan(3);
  });

  test("replaces the rows at the positions of a reloaded page", () => {
    const state = treeOf({ "": ["a", "b", "c"] });
    const renewed = addPage(state, { parent: "" }, pageOf({ "": ["a", "new", "b", "c"] }, ""));
    expect(shown(rowsOf(renewed))).toEqual(["1 a", "1 new", "1 b", "1 c"]);
    const gone = addPage(state, { parent: "" }, pageOf({ "": ["c", "d", "e"] }, ""));
    expect(shown(rowsOf(gone)), "a and b were replaced").toEqual(["1 c", "1 d", "1 e"]);
  });

  test("returns the same row objects for unchanged departments", () => {
    const state = treeOf(SHAPE, ["a"]);
    const [before, after] = [rowsOf(state), rowsOf(setOpen(state, ["a2"]))];
    expect(after.filter((row) => before.includes(row)).map(({ key }) => key)).toEqual(["a1", "b"]);
    expect(after.find(({ key }) => key === "a2")).toMatchObject({ isOpen: true });
    expect(before.find(({ key }) => key === "a2")).toMatchObject({ isOpen: false });
  });
});
