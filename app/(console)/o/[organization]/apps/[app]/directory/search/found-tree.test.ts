import { expect, test } from "vitest";
import type { FoundNode } from "@/lib/directory/search/schema";
import { pathIn } from "../tree/loaded-tree";
import { rowsOf } from "../tree/tree-rows";
import { foundTree } from "./found-tree";

const node = (id: string, parentId: string | null): FoundNode => ({
  id,
  parentId,
  name: id,
  isRemoved: false,
});
const stateOf = (nodes: FoundNode[]) =>
  foundTree({
    outcome: "found",
    nodes,
    hitIds: nodes.map(({ id }) => id),
    total: nodes.length,
    isMore: false,
    members: { hits: [], total: 0, isMore: false },
  });
const shown = (nodes: FoundNode[]) => rowsOf(stateOf(nodes)).map(({ key, level }) => `${level} ${key}`);

test("lists hits below their open ancestors, in the server's order", () => {
  expect(shown([node("b", "r"), node("x", "a"), node("a", "r"), node("r", null), node("y", "b")])).toEqual([
    "1 r",
    "2 b",
    "3 y",
    "2 a",
    "3 x",
  ]);
});

test("counts only found departments as children", () => {
  expect(rowsOf(stateOf([node("r", null), node("a", "r")]))).toMatchObject([
    { key: "r", hasChildren: true, isOpen: true, setSize: 1 },
    { key: "a", hasChildren: false, setSize: 1 },
  ]);
});

test("lists a department without its parent at the top", () => {
  expect(shown([node("a", "9")])).toEqual(["1 a"]);
});

test("lists departments that are each other's parents once", () => {
  expect(shown([node("a", "b"), node("b", "a"), node("c", null)]).sort()).toEqual(["1 a", "1 b", "1 c"]);
});

test("keeps the path to each found department", () => {
  const state = stateOf([node("r", null), node("a", "r"), node("x", "a")]);
  expect([pathIn(state, "x"), pathIn(state, "unknown")]).toEqual([["r", "a", "x"], []]);
});
