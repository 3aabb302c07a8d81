import { describe, expect, test } from "vitest";
import { storeOf } from "./test-support/make-tree";
import type { TreeStore } from "./tree-store";

const SHAPE = { "": ["a", "b"], a: ["a1", "a2"], a1: ["x"], b: ["b1"], x: ["y"] };
const keys = (store: TreeStore) => store.view().rows.map(({ key }) => key);

describe("opening and closing", () => {
  test("loads children when a department is opened first, and not again", async () => {
    const { store, asked } = storeOf(SHAPE);
    await store.open("a");
    store.close("a");
    await store.open("a");
    expect(keys(store)).toEqual(["a", "a1", "a2", "b"]);
    expect(asked).toEqual(["a"]);
  });

  test("two that ask for the same page at once ask the server once", async () => {
    const { store, asked } = storeOf(SHAPE);
    await Promise.all([store.open("a"), store.open("a")]);
    expect(asked).toEqual(["a"]);
  });

  test("the focus inside a department that is closed goes to it", async () => {
    const { store } = storeOf(SHAPE, ["a", "a1"]);
    store.focus("x");
    store.close("a");
    expect(store.view().active).toBe("a");
    store.focus("b");
    store.close("a");
    expect(store.view().active, "elsewhere it stays").toBe("b");
  });

  test("whoever listens hears of every change", async () => {
    const { store } = storeOf(SHAPE);
    let heard = 0;
    const stop = store.subscribe(() => heard++);
    await store.open("a");
    const before = heard;
    stop();
    store.focus("a");
    expect([before > 0, heard]).toEqual([true, before]);
  });
});

describe("loading more, and failing", () => {
  const wide = { "": ["r"], r: ["c1", "c2", "c3", "c4", "c5"] };

  test("the focus on the row for more goes to the first of those that come", async () => {
    const { store } = storeOf(wide, [], 2);
    await store.open("r");
    expect(keys(store)).toEqual(["r", "c1", "c2", "more:r:c2"]);
    store.focus("more:r:c2");
    await store.load({ parent: "r", after: "c2" });
    expect(keys(store)).toEqual(["r", "c1", "c2", "c3", "c4", "more:r:c4"]);
    expect(store.view().active).toBe("c3");
  });

  test("what failed stands below its parent, and trying again leads the focus to the parent", async () => {
    const { store, broken } = storeOf(SHAPE);
    broken.add("a");
    await store.open("a");
    expect(keys(store)).toEqual(["a", "failed:a", "b"]);
    store.focus("failed:a");
    broken.clear();
    await store.load({ parent: "a" });
    expect([keys(store), store.view().active]).toEqual([["a", "a1", "a2", "b"], "a"]);
  });

  test("more that failed keeps its row, and its focus", async () => {
    const { store, broken } = storeOf(wide, [], 2);
    await store.open("r");
    store.focus("more:r:c2");
    broken.add("r");
    await store.load({ parent: "r", after: "c2" });
    expect(store.view().rows.at(-1)).toMatchObject({
      key: "more:r:c2",
      failed: "unavailable",
      isBusy: false,
    });
    expect(store.view().active).toBe("more:r:c2");
  });
});

describe("ways to what is deep", () => {
  test("reveal opens and loads every ancestor, also past the first page", async () => {
    const far = { "": ["r"], r: ["c1", "c2", "c3", "c4", "c5"], c5: ["z"] };
    const { store, asked } = storeOf(far, [], 2);
    await store.reveal(["r", "c5", "z"]);
    expect(keys(store)).toEqual(["r", "c1", "c2", "more:r:c2", "c5", "z"]);
    expect(asked).toEqual(["r c5", "c5 z"]);
  });

  test("reveal asks for nothing that is known", async () => {
    const { store, asked } = storeOf(SHAPE, ["a", "a1"]);
    store.close("a");
    await store.reveal(["a", "a1", "x"]);
    expect([keys(store), asked]).toEqual([["a", "a1", "x", "a2", "b"], []]);
  });

  test("restore opens level by level, closes the rest, and leaves out what is gone", async () => {
    const { store } = storeOf(SHAPE, ["b"]);
    await store.restore(["x", "a1", "a", "gone"], []);
    expect(keys(store)).toEqual(["a", "a1", "x", "y", "a2", "b"]);
  });

  test("restore keeps the way to what is selected", async () => {
    const { store } = storeOf(SHAPE, ["b"]);
    await store.restore([], ["b"]);
    expect(keys(store)).toEqual(["a", "b", "b1"]);
  });

  test("restore ends when what it opens can't be loaded", async () => {
    const { store, broken } = storeOf(SHAPE);
    broken.add("a");
    await store.restore(["a", "a1"], []);
    expect(keys(store)).toEqual(["a", "failed:a", "b"]);
  });

  test("opening all siblings stops at 50, and says how many are left", async () => {
    const names = Array.from({ length: 60 }, (_, index) => `d${index}`);
    const shape = { "": names, ...Object.fromEntries(names.map((name) => [name, [`${name}.1`]])) };
    const { store, asked } = storeOf(shape);
    const row = store.view().rows[3];
    if (!row) throw new Error("set-up failed");
    expect(await store.openSiblings(row)).toEqual({ opened: 50, left: 10 });
    expect([asked.length, keys(store).length]).toEqual([50, 110]);
    expect(await store.openSiblings(row)).toEqual({ opened: 10, left: 0 });
  });
});
