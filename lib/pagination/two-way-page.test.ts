import { describe, expect, test } from "vitest";
import { toTwoWayPage } from "./two-way-page";

const page = (rows: readonly number[], request: { readonly before?: number; readonly after?: number }) =>
  toTwoWayPage(rows, (row) => `#${row}`, { size: 2, ...request });

describe("toTwoWayPage", () => {
  test.each([
    ["the only page has no neighbors", [9, 8], {}, { rows: [9, 8], older: null, newer: null }],
    ["the first page has an older one", [9, 8, 7], {}, { rows: [9, 8], older: "#8", newer: null }],
    ["a middle page has both", [7, 6, 5], { before: 8 }, { rows: [7, 6], older: "#6", newer: "#7" }],
    ["the last page has a newer one", [7], { before: 8 }, { rows: [7], older: null, newer: "#7" }],
    [
      "a page requested by `after` is reversed and has an older one",
      [8, 9],
      { after: 7 },
      { rows: [9, 8], older: "#8", newer: null },
    ],
    [
      "a page requested by `after` has a newer one if there are more rows",
      [7, 8, 9],
      { after: 6 },
      { rows: [8, 7], older: "#7", newer: "#8" },
    ],
    ["an empty page has no neighbors", [], { before: 8 }, { rows: [], older: null, newer: null }],
  ])("%s", (_, rows, request, expected) => {
    expect(page(rows, request)).toEqual(expected);
  });
});
