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
])("%j is looked for as %j", (typed, ways) => expect(waysOf(typed)).toEqual(ways));

test.each([
  ["华东/销售", ["华东", "销售"], true],
  ["华东 › 销售", ["华东", "销售"], true],
  ["集团 > 华东>销售", ["集团", "华东", "销售"], true],
  ["销售中心　华东", ["销售中心", "华东"], false],
  ["华东/", ["华东"], true],
])("%j is the path %j", (typed, path, isPath) => {
  expect(pathOf(typed)).toEqual(path);
  expect(parseSearch(typed)?.isPath).toBe(isPath);
});

test.each(["销售", "/", "a%_\\b"])("%j is no path", (typed) => expect(pathOf(typed)).toBeNull());

test("what leaves nothing to look for is no search", () => {
  for (const typed of ["", "　", "\u200B\u202E"]) expect(parseSearch(typed)).toBeNull();
});

test("what is longer than a term is looked for by its beginning, and compared as a whole", () => {
  const [range] = parseSearch("长".repeat(40))?.whole.ranges ?? [];
  expect(range).toMatchObject({ from: "长".repeat(32), longer: "长".repeat(40) });
});
