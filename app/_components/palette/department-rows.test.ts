import { expect, test } from "vitest";
import type { Found, FoundNode } from "@/lib/directory/tree/schema";
import { departmentRows } from "./department-rows";

const found = (nodes: readonly Omit<FoundNode, "isRemoved">[], hitIds: readonly string[]): Found => ({
  outcome: "found",
  nodes: nodes.map((node) => ({ ...node, isRemoved: false })),
  hitIds,
  total: hitIds.length,
  isMore: false,
  members: { hits: [], total: 0, isMore: false },
});

test("a hit comes with the departments above it, from the root down, and in the order of the search", () => {
  const nodes = [
    { id: "1", parentId: null, name: "集团" },
    { id: "2", parentId: "1", name: "华东" },
    { id: "3", parentId: "2", name: "销售部" },
  ];
  expect(departmentRows(found(nodes, ["3", "1"]))).toEqual([
    { id: "3", name: "销售部", path: ["集团", "华东"] },
    { id: "1", name: "集团", path: [] },
  ]);
});

test("of more than eight the first eight are shown", () => {
  const nodes = Array.from({ length: 20 }, (_, id) => ({ id: String(id), parentId: null, name: `${id}` }));
  const rows = departmentRows(
    found(
      nodes,
      nodes.map(({ id }) => id),
    ),
  );
  expect(rows.map(({ id }) => id)).toEqual(["0", "1", "2", "3", "4", "5", "6", "7"]);
});

test("a path ends where the tree turns in a circle, or above the authorised scope", () => {
  const nodes = [
    { id: "1", parentId: "2", name: "a" },
    { id: "2", parentId: "1", name: "b" },
    { id: "3", parentId: "99", name: "c" },
  ];
  expect(departmentRows(found(nodes, ["1", "3"]))).toEqual([
    { id: "1", name: "a", path: ["b"] },
    { id: "3", name: "c", path: [] },
  ]);
});
