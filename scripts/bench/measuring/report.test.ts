import { describe, expect, test } from "vitest";
import { durationText, median, ratioText, replaceSections, sectionText, toTable } from "./report";

describe("numbers", () => {
  test("the median of an even number of values is the mean of the middle two, in any order", () => {
    expect(median([9, 1, 4, 2])).toBe(3);
    expect(median([10, 9, 1])).toBe(9);
    expect(() => median([])).toThrow(RangeError);
  });

  test("ratioText divides the first value by the second", () => {
    expect(ratioText(3, 2)).toBe("1.50 ×");
    expect(ratioText(200, 10)).toBe("20.0 ×");
    expect(ratioText(1, 10)).toBe("0.10 ×");
  });

  test("durationText chooses a suitable unit", () => {
    expect([0.0016, 1.5, 100, 9_654, 61_250].map(durationText)).toEqual([
      "1.6 µs",
      "1.5 ms",
      "100 ms",
      "9.65 s",
      "61.3 s",
    ]);
  });
});

test("toTable makes columns as wide as their widest cell, and leaves missing cells empty", () => {
  expect(toTable(["", "time"], [["alone", "1 ms"], ["all"]])).toBe(
    ["|       | time |", "|-------|------|", "| alone | 1 ms |", "| all   |      |"].join("\n"),
  );
});

test("sectionText names the command, the date and the machine", () => {
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

describe("replaceSections", () => {
  const preface = "# Measured\n\nSome words.";
  const first = replaceSections(preface, new Map([["One", "1"]]));

  test("adds the first section below the preface", () => {
    expect(first).toBe("# Measured\n\nSome words.\n\n## One\n\n1\n");
  });

  test("keeps other sections and their order", () => {
    const second = replaceSections(first, new Map([["Two", "2"]]));
    expect(replaceSections(second, new Map([["One", "1 again"]]))).toBe(
      "# Measured\n\nSome words.\n\n## One\n\n1 again\n\n## Two\n\n2\n",
    );
  });
});
