import { expect, test } from "vitest";
import { parseSearch } from "./parse-search";

const waysOf = (typed: string) =>
  parseSearch(typed)?.whole.ranges.map(({ from, contains }) => [from, ...contains]);
const pathOf = (typed: string) => {
  const path = parseSearch(typed)?.path;
  return path && [...path.above, path.last].map(({ text }) => text);
};

test.each([
  ["销售", [["销售"]]],
  ["ＸＳ", [["xs"]]],
  ["xiao'shou", [["xiao'shou"], ["xiaoshou"]]],
  ["zhang san", [["zhang san"], ["zhangsan"]]],
  ["销售zho", [["销售zho"], ["xiaoshouzho", "销售"]]],
  ["100%", [["100%"]]],
])("searches for %j as %j", (typed, ways) => expect(waysOf(typed)).toEqual(ways));

test.each([
  ["华东/销售", ["华东", "销售"], true],
  ["华东 › 销售", ["华东", "销售"], true],
  ["集团 > 华东>销售", ["集团", "华东", "销售"], true],
  ["销售中心　华东", ["销售中心", "华东"], false],
  ["华东/", ["华东"], true],
])("parses %j as the path %j", (typed, path, isPath) => {
  expect(pathOf(typed)).toEqual(path);
  expect(parseSearch(typed)?.isPath).toBe(isPath);
});

test.each(["销售", "/", "a%_\\b"])("does not parse %j as a path", (typed) =>
  expect(pathOf(typed)).toBeNull(),
);

test("returns null for a text without searchable characters", () => {
  for (const typed of ["", "　", "\u200B\u202E"]) expect(parseSearch(typed)).toBeNull();
});

test("searches a text longer than a term by its beginning, and compares it in full", () => {
  const [range] = parseSearch("长".repeat(40))?.whole.ranges ?? [];
  expect(range).toMatchObject({ from: "长".repeat(32), longer: "长".repeat(40) });
});
