import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toExactJson } from "./exact-json";

describe("toExactJson", () => {
  test("writes an integer beyond 2^53 as a number with all digits", () => {
    expect(toExactJson({ order: 176318668975061512n })).toBe('{"order":176318668975061512}');
  });

  test("omits undefined members of objects, and writes null for them in arrays", () => {
    expect(toExactJson({ a: undefined, b: [undefined, 1] })).toBe('{"b":[null,1]}');
  });

  test("writes every JSON value so that JSON.parse returns the same value", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(toExactJson(value)).toBe(JSON.stringify(value));
      }),
    );
  });
});
