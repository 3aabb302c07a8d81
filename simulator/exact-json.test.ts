import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toExactJson } from "./exact-json";

describe("toExactJson", () => {
  test("writes an integer beyond 2^53 with all its digits, as a number", () => {
    expect(toExactJson({ order: 176318668975061512n })).toBe('{"order":176318668975061512}');
  });

  test("leaves out what is undefined in an object, and writes null for it in an array", () => {
    expect(toExactJson({ a: undefined, b: [undefined, 1] })).toBe('{"b":[null,1]}');
  });

  test("writes every JSON value so that JSON.parse reads the same one", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(toExactJson(value)).toBe(JSON.stringify(value));
      }),
    );
  });
});
