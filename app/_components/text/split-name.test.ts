import { describe, expect, test } from "vitest";
import { codeOf, splitName } from "./split-name";

const shape = (name: string, query?: string) =>
  splitName(name, query).map(({ kind, text }) =>
    kind === "text" ? text : `${kind}:${kind === "hidden" ? codeOf(text) : text}`,
  );

describe("S25 hidden characters of a name are drawn", () => {
  test.each([
    ["a direction mark", "销售\u202Etxt", ["销售", "hidden:U+202E", "txt"]],
    ["an isolate and its end", "\u2067a\u2069", ["hidden:U+2067", "a", "hidden:U+2069"]],
    ["two in a row, each by itself", "a\u200B\u200Bb", ["a", "hidden:U+200B", "hidden:U+200B", "b"]],
    ["a line end", "a\nb", ["a", "hidden:U+000A", "b"]],
    ["a filler that looks like a space", "a\u3164", ["a", "hidden:U+3164"]],
    ["a tag beyond 16 bits", "a\u{E0041}", ["a", "hidden:U+E0041"]],
    ["a joiner between letters", "a\u200Db", ["a", "hidden:U+200D", "b"]],
  ])("%s", (_, name, expected) => {
    expect(shape(name)).toEqual(expected);
  });

  test.each(["👩‍👩‍👧‍👦 家", "👨🏽‍💻", "❤️‍🔥", "  leading", "<img src=x>&amp;", "=1+1", ""])(
    "%s is text and nothing else",
    (name) => {
      expect(shape(name)).toEqual([name]);
    },
  );
});

describe("what was searched for", () => {
  test.each([
    ["every place, whatever the case", "Sales SALES", "sales", ["hit:Sales", " ", "hit:SALES"]],
    ["metacharacters as themselves", "a.b%c", ".b%", ["a", "hit:.b%", "c"]],
    ["around a hidden character", "销\u200B售", "销", ["hit:销", "hidden:U+200B", "售"]],
    ["after a character beyond 16 bits", "𠮷销售", "销", ["𠮷", "hit:销", "售"]],
    ["nowhere", "abc", "x", ["abc"]],
    ["nowhere in a name that is longer in lower case", "İxy", "x", ["İxy"]],
  ])("is marked: %s", (_, name, query, expected) => {
    expect(shape(name, query)).toEqual(expected);
  });
});
