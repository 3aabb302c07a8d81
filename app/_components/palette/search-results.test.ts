import { expect, test } from "vitest";
import type { Found, FoundMember, FoundNode } from "@/lib/directory/search/schema";
import { toSearchResults } from "./search-results";

const found = (
  nodes: readonly Omit<FoundNode, "isRemoved">[],
  hitIds: readonly string[],
  people: readonly FoundMember[] = [],
): Found => ({
  outcome: "found",
  nodes: nodes.map((node) => ({ ...node, isRemoved: false })),
  hitIds,
  total: hitIds.length,
  isMore: false,
  members: { hits: people, total: people.length, isMore: false },
});

test("returns department hits in search order, with their path from the root", () => {
  const nodes = [
    { id: "1", parentId: null, name: "集团" },
    { id: "2", parentId: "1", name: "华东" },
    { id: "3", parentId: "2", name: "销售部" },
  ];
  expect(toSearchResults(found(nodes, ["3", "1"]))).toEqual([
    { kind: "department", id: "3", departmentId: "3", name: "销售部", path: ["集团", "华东"] },
    { kind: "department", id: "1", departmentId: "1", name: "集团", path: [] },
  ]);
});

const member = (id: string, path: readonly string[]): FoundMember => ({
  id,
  name: id,
  title: null,
  jobNumber: null,
  isActive: true,
  isRemoved: false,
  departments: path.length > 0 ? [{ id: "7", path }] : [],
  departmentCount: path.length,
});

test("returns eight results at most, half of them people when there are enough of both", () => {
  const nodes = Array.from({ length: 20 }, (_, id) => ({ id: String(id), parentId: null, name: `${id}` }));
  const people = Array.from({ length: 20 }, (_, id) => member(`p${id}`, ["集团"]));
  const rowsOf = (departments: number, members: number) =>
    toSearchResults(
      found(
        nodes,
        nodes.slice(0, departments).map(({ id }) => id),
        people.slice(0, members),
      ),
    )
      .map(({ id }) => id)
      .join(" ");
  expect(rowsOf(20, 0)).toBe("0 1 2 3 4 5 6 7");
  expect(rowsOf(20, 20)).toBe("0 1 2 3 p0 p1 p2 p3");
  expect(rowsOf(20, 1)).toBe("0 1 2 3 4 5 6 p0");
  expect(rowsOf(1, 20)).toBe("0 p0 p1 p2 p3 p4 p5 p6");
});

test("returns people with the path to their first department, or an empty path without one", () => {
  expect(toSearchResults(found([], [], [member("a", ["集团", "华东"]), member("b", [])]))).toEqual([
    { kind: "member", id: "a", name: "a", departmentId: "7", path: ["集团", "华东"] },
    { kind: "member", id: "b", name: "b", departmentId: null, path: [] },
  ]);
});

test("ends a path at a cycle and at the border of the authorized scope", () => {
  const nodes = [
    { id: "1", parentId: "2", name: "a" },
    { id: "2", parentId: "1", name: "b" },
    { id: "3", parentId: "99", name: "c" },
  ];
  expect(toSearchResults(found(nodes, ["1", "3"]))).toEqual([
    { kind: "department", id: "1", departmentId: "1", name: "a", path: ["b"] },
    { kind: "department", id: "3", departmentId: "3", name: "c", path: [] },
  ]);
});
