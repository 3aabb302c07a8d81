import { describe, expect, test } from "vitest";
import { storeOf } from "./test-support/make-tree";
import type { TreeStore } from "./tree-store";

const SHAPE = { "": ["a", "b"], a: ["a1", "a2"], a1: ["x"], b: ["b1"], x: ["y"] };
const keys = (store: TreeStore) => store.view().rows.map(({ key }) => key);

describe("opening and closing", () => {
  test("loads children when a department is opened for the first time only", async () => {
    const { store, requests } = storeOf(SHAPE);
    await store.open("a");
    store.close("a");
    await store.open("a");
    expect(keys(store)).toEqual(["a", "a1", "a2", "b"]);
    expect(requests).toEqual(["a"]);
  });

  test("sends one request for two concurrent loads of a page", async () => {
    const { store, requests } = storeOf(SHAPE);
    await Promise.all([store.open("a"), store.open("a")]);
    expect(requests).toEqual(["a"]);
  });

  test("moves the focus from inside a closed department to the department", async () => {
    const { store } = storeOf(SHAPE, ["a", "a1"]);
    store.focus("x");
    store.close("a");
    expect(store.view().active).toBe("a");
    store.focus("b");
    store.close("a");
    expect(store.view().active, "a focus elsewhere stays").toBe("b");
  });

  test("notifies subscribers of every change of the tree", async () => {
    const { store } = storeOf(SHAPE);
    let calls = 0;
    const stop = store.subscribe(() => calls++);
    await store.open("a");
    const before = calls;
    stop();
    store.focus("a");
    expect([before > 0, calls]).toEqual([true, before]);
  });
});

describe("loading more pages", () => {
  const wide = { "": ["r"], r: ["c1", "c2", "c3", "c4", "c5"] };

  test("moves the focus from a placeholder to the first loaded row", async () => {
    const { store } = storeOf(wide, [], 2);
    await store.open("r");
    expect(keys(store)).toEqual(["r", "c1", "c2", "more:r:c2"]);
    store.focus("more:r:c2");
    await store.load({ parent: "r", after: "c2" });
    expect(keys(store)).toEqual(["r", "c1", "c2", "c3", "c4", "more:r:c4"]);
    expect(store.view().active).toBe("c3");
  });

  test("shows an error below the parent, and focuses the parent on retry", async () => {
    const { store, broken } = storeOf(SHAPE);
    broken.add("a");
    await store.open("a");
    expect(keys(store)).toEqual(["a", "failed:a", "b"]);
    store.focus("failed:a");
    broken.clear();
    await store.load({ parent: "a" });
    expect([keys(store), store.view().active]).toEqual([["a", "a1", "a2", "b"], "a"]);
  });

  test("keeps the placeholder and its focus after an error", async () => {
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

describe("revealing and restoring", () => {
  test("reveal opens and loads every ancestor, including those past the first page", async () => {
    const far = { "": ["r"], r: ["c1", "c2", "c3", "c4", "c5"], c5: ["z"] };
    const { store, requests } = storeOf(far, [], 2);
    await store.reveal(["r", "c5", "z"]);
    expect(keys(store)).toEqual(["r", "c1", "c2", "more:r:c2", "c5", "z"]);
    expect(requests).toEqual(["r c5", "c5 z"]);
  });

  test("reveal requests nothing that is loaded", async () => {
    const { store, requests } = storeOf(SHAPE, ["a", "a1"]);
    store.close("a");
    await store.reveal(["a", "a1", "x"]);
    expect([keys(store), requests]).toEqual([["a", "a1", "x", "a2", "b"], []]);
  });

  test("restore opens level by level, closes other departments, and skips removed ones", async () => {
    const { store } = storeOf(SHAPE, ["b"]);
    await store.restore(["x", "a1", "a", "gone"], []);
    expect(keys(store)).toEqual(["a", "a1", "x", "y", "a2", "b"]);
  });

  test("restore keeps the path to the selection open", async () => {
    const { store } = storeOf(SHAPE, ["b"]);
    await store.restore([], ["b"]);
    expect(keys(store)).toEqual(["a", "b", "b1"]);
  });

  test("restore ends after a failed load", async () => {
    const { store, broken } = storeOf(SHAPE);
    broken.add("a");
    await store.restore(["a", "a1"], []);
    expect(keys(store)).toEqual(["a", "failed:a", "b"]);
  });

  test("openSiblings stops at 50 and returns how many are left", async () => {
    const names = Array.from({ length: 60 }, (_, index) => `d${index}`);
    const shape = { "": names, ...Object.fromEntries(names.map((name) => [name, [`${name}.1`]])) };
    const { store, requests } = storeOf(shape);
    const row = store.view().rows[3];
    if (!row) throw new Error("set-up failed");
    expect(await store.openSiblings(row)).toEqual({ opened: 50, left: 10 });
    expect([requests.length, keys(store).length]).toEqual([50, 110]);
    expect(await store.openSiblings(row)).toEqual({ opened: 10, left: 0 });
  });
});
