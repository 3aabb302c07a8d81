import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseJson } from "./read-json";

const nestedArrays = (levels: number) => "[".repeat(levels) + "]".repeat(levels);
/** JSON of any shape whose texts every database stores. */
const storableJson = fc.jsonValue().filter((value) => !/\\u0000|\\ud[89a-f]/i.test(JSON.stringify(value)));

/** Lets JSON.parse keep what it would round. */
function exactly(_key: string, value: unknown, context?: { source?: string }): unknown {
  const isRounded = Number.isInteger(value) && !Number.isSafeInteger(value);
  return isRounded && /^-?\d+$/.test(context?.source ?? "") ? context?.source : value;
}

describe("parseJson", () => {
  test("returns the same as JSON.parse, with any spacing", () => {
    fc.assert(
      fc.property(storableJson, fc.constantFrom(undefined, 1, "\t"), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        const read = parseJson(text);
        expect(read.ok && JSON.stringify(read.value)).toBe(JSON.stringify(JSON.parse(text, exactly)));
      }),
    );
  });

  test("never throws, and refuses every text that JSON.parse refuses", () => {
    const pieces = fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      '"',
      "\\",
      ":",
      ",",
      "1",
      "-",
      "e",
      ".",
      "true",
      "nul",
      " ",
      "\n",
    );
    const texts = fc.oneof(
      fc.string(),
      fc.array(pieces).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const isJson = (() => {
          try {
            JSON.parse(text);
            return true;
          } catch {
            return false;
          }
        })();
        const read = parseJson(text);
        expect(read.ok || (read.error === "number" && isJson)).toBe(isJson);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    "",
    " ",
    "{",
    "[1,]",
    '{"a":1,}',
    "{a:1}",
    "01",
    "1.",
    "+1",
    "NaN",
    "'a'",
    '"\n"',
    '"\\x"',
    '"\\',
    "1 2",
    "\u00a01",
  ])("refuses %j as JSON", (text) => {
    expect(parseJson(text)).toEqual({ ok: false, error: "syntax" });
  });

  test("S24 refuses JSON with more than 64 levels", () => {
    expect(parseJson(nestedArrays(64)).ok).toBe(true);
    expect(parseJson(nestedArrays(65))).toEqual({ ok: false, error: "depth" });
    expect(parseJson(nestedArrays(1_000_000))).toEqual({ ok: false, error: "depth" });
    expect(parseJson('{"a":'.repeat(100_000))).toEqual({ ok: false, error: "depth" });
  });

  test("S24 accepts JSON with more than 64 objects side by side", () => {
    expect(parseJson(`[${Array(1_000).fill("[[]]").join()}]`).ok).toBe(true);
  });

  test("S24 refuses JSON with more than 100,000 values", () => {
    expect(parseJson(`[${Array(99_999).fill("0").join()}]`).ok).toBe(true);
    expect(parseJson(`[${Array(100_000).fill("0").join()}]`)).toEqual({ ok: false, error: "nodes" });
  });

  test("S24 creates objects without a prototype, in which __proto__ is an ordinary key", () => {
    const read = parseJson('{"__proto__":{"isAdmin":true},"constructor":1}');
    const value = read.ok ? (read.value as object) : {};

    expect(Object.getPrototypeOf(value)).toBeNull();
    expect(Object.keys(value)).toEqual(["__proto__", "constructor"]);
    expect("isAdmin" in value).toBe(false);
    expect(({} as Record<string, unknown>).isAdmin).toBeUndefined();
  });

  test("S24 refuses a JSON number larger than a double", () => {
    expect(parseJson("[1e999]")).toEqual({ ok: false, error: "number" });
    expect(parseJson("-1e999")).toEqual({ ok: false, error: "number" });
  });

  test("returns JSON integers beyond 2^53 as text", () => {
    const read = parseJson('{"order":176318668975061512,"least":-9007199254740993,"safe":9007199254740991}');
    expect(read).toEqual({
      ok: true,
      value: { order: "176318668975061512", least: "-9007199254740993", safe: 9007199254740991 },
    });
  });

  test("replaces NUL and lone surrogates, which PostgreSQL can't store", () => {
    expect(parseJson('["a\\u0000b","\\ud800","\\ud83d\\ude00"]')).toEqual({
      ok: true,
      value: ["a\uFFFDb", "\uFFFD", "😀"],
    });
  });
});
