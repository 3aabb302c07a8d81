import { describe, expect, test } from "vitest";
import { codePointText, splitName } from "./split-name";

const shape = (name: string, query?: string) =>
  splitName(name, query).map(({ kind, text }) =>
    kind === "text" ? text : `${kind}:${kind === "hidden" ? codePointText(text) : text}`,
  );

describe("S25 splitName marks hidden characters", () => {
  test.each([
    ["a direction mark", "销售\u202Etxt", ["销售", "hidden:U+202E", "txt"]],
    ["an isolate and its end", "\u2067a\u2069", ["hidden:U+2067", "a", "hidden:U+2069"]],
    ["two in a row, separately", "a\u200B\u200Bb", ["a", "hidden:U+200B", "hidden:U+200B", "b"]],
    ["a line end", "a\nb", ["a", "hidden:U+000A", "b"]],
    ["a filler that looks like a space", "a\u3164", ["a", "hidden:U+3164"]],
    ["a tag beyond 16 bits", "a\u{E0041}", ["a", "hidden:U+E0041"]],
    ["a joiner between letters", "a\u200Db", ["a", "hidden:U+200D", "b"]],
  ])("marks %s in a name", (_, name, expected) => {
    expect(shape(name)).toEqual(expected);
  });

  test.each(["👩‍👩‍👧‍👦 家", "👨🏽‍💻", "❤️‍🔥", "  leading", "<img src=x>&amp;", "=1+1", ""])(
    "splitName returns %s as text and nothing else",
    (name) => {
      expect(shape(name)).toEqual([name]);
    },
  );
});

describe("splitName with a query", () => {
  test.each([
    ["all hits, ignoring case", "Sales SALES", "sales", ["hit:Sales", " ", "hit:SALES"]],
    ["metacharacters literally", "a.b%c", ".b%", ["a", "hit:.b%", "c"]],
    ["hits around a hidden character", "销\u200B售", "销", ["hit:销", "hidden:U+200B", "售"]],
    ["hits after a character beyond 16 bits", "𠮷销售", "销", ["𠮷", "hit:销", "售"]],
    ["nothing without a hit", "abc", "x", ["abc"]],
    ["nothing in a name whose lower case is longer", "İxy", "x", ["İxy"]],
  ])("marks the matches of a query: %s", (_, name, query, expected) => {
    expect(shape(name, query)).toEqual(expected);
  });
});
