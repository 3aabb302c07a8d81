import { describe, expect, test } from "vitest";
import { durationText, median, ratioText, replaceSections, sectionText, toTable } from "./report";

describe("numbers", () => {
  test("the middle of an even number of values is the mean of two, in whatever order they come", () => {
    expect(median([9, 1, 4, 2])).toBe(3);
    expect(median([10, 9, 1])).toBe(9);
    expect(() => median([])).toThrow(RangeError);
  });

  test("a ratio is the first to the second", () => {
    expect(ratioText(3, 2)).toBe("1.50 ×");
    expect(ratioText(200, 10)).toBe("20.0 ×");
    expect(ratioText(1, 10)).toBe("0.10 ×");
  });

  test("a duration has the unit that suits it", () => {
    expect([0.0016, 1.5, 100, 9_654, 61_250].map(durationText)).toEqual([
      "1.6 µs",
      "1.5 ms",
      "100 ms",
      "9.65 s",
      "61.3 s",
    ]);
  });
});

test("a table's columns are as wide as their widest cell, and a missing cell is empty", () => {
  expect(toTable(["", "time"], [["alone", "1 ms"], ["all"]])).toBe(
    ["|       | time |", "|-------|------|", "| alone | 1 ms |", "| all   |      |"].join("\n"),
  );
});

test("a section says with what command it was made, when and on what", () => {
  const section = { title: "Tree", about: "Both sizes.", head: ["a"], rows: [["b"]], notes: ["a note"] };
  const made = {
    at: new Date("2026-11-25T23:00:00Z"),
    command: "npm run bench tree",
    commit: "abc1234",
    machine: "2 cores",
  };
  expect(sectionText(section, made)).toBe(
    "`npm run bench tree`, 2026-11-25, commit abc1234, 2 cores.\n\nBoth sizes.\n\n| a |\n|---|\n| b |\n\n- a note",
  );
});

describe("a report", () => {
  const preface = "# Measured\n\nSome words.";
  const first = replaceSections(preface, new Map([["One", "1"]]));

  test("gets its first section below what stands above all", () => {
    expect(first).toBe("# Measured\n\nSome words.\n\n## One\n\n1\n");
  });

  test("keeps the sections that were not measured, and their order", () => {
    const second = replaceSections(first, new Map([["Two", "2"]]));
    expect(replaceSections(second, new Map([["One", "1 anew"]]))).toBe(
      "# Measured\n\nSome words.\n\n## One\n\n1 anew\n\n## Two\n\n2\n",
    );
  });
});
