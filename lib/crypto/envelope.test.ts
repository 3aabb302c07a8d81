import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fingerprintOf, headerOf, keyIdOf, open, parseKeyRing, SealError, seal } from "./envelope";

const entry = (id: string) => `${id}:${randomBytes(32).toString("base64")}`;
const [first, second] = [entry("first"), entry("second")];
const ring = parseKeyRing([first, second]);
const context = { organizationId: "o-1", table: "dingtalk_app", row: "a-1", column: "sealed_secret" };

describe("S23 sealed values", () => {
  test("a sealed value opens to the original text in its own context", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(open(ring, context, seal(ring, context, text))).toBe(text);
      }),
    );
  });

  test.each([
    ["another tenant", { organizationId: "o-2" }],
    ["another table", { table: "app_token" }],
    ["another row", { row: "a-2" }],
    ["another column", { column: "sealed_token" }],
    ["parts that join to the same text", { organizationId: 'o-1","dingtalk_app', table: "" }],
  ])("a sealed value does not open in %s", (_, other) => {
    expect(() => open(ring, { ...context, ...other }, seal(ring, context, "secret"))).toThrow(SealError);
  });

  test("a sealed value does not open after a change of any byte", () => {
    const sealed = seal(ring, context, "secret");
    for (let index = 0; index < sealed.length; index++) {
      const changed = Buffer.from(sealed);
      changed[index] = (changed[index] ?? 0) ^ 1;
      expect(() => open(ring, context, changed), `byte ${index}`).toThrow(SealError);
    }
  });

  test("seals the same value to different bytes each time", () => {
    expect(seal(ring, context, "secret").equals(seal(ring, context, "secret"))).toBe(false);
  });

  test("seals with the first key, and opens older values after another key is put first", () => {
    const old = seal(parseKeyRing([second]), context, "secret");
    expect(keyIdOf(old)).toBe("second");
    expect(keyIdOf(seal(ring, context, "secret"))).toBe("first");
    expect(open(ring, context, old)).toBe("secret");
    expect(() => open(parseKeyRing([first]), context, old)).toThrow(SealError);
  });

  test("quotes no sealed value in the error", () => {
    const sealed = seal(ring, context, "a marked secret");
    const error = (() => {
      try {
        return open(ring, { ...context, row: "a-2" }, sealed);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toEqual(new SealError());
    expect((error as Error).cause).toBeUndefined();
  });
});

test("a sealed value begins with the header of its key, and a truncated one names no key", () => {
  for (const id of ["first", "second"]) {
    const sealed = seal(ring, context, "secret", id);
    expect(keyIdOf(sealed)).toBe(id);
    expect(sealed.subarray(0, headerOf(id).length)).toEqual(headerOf(id));
    expect(open(ring, context, sealed)).toBe("secret");
  }
  expect(() => seal(ring, context, "secret", "third")).toThrow(/no encryption key/);
  const whole = seal(ring, context, "secret");
  for (let length = 0; length < 7; length++) expect(ring.has(keyIdOf(whole.subarray(0, length)))).toBe(false);
});

test("fingerprintOf differs for keys with the same id, and contains no bytes of the key", () => {
  const key = randomBytes(32);
  expect(fingerprintOf("a", key)).toBe(fingerprintOf("a", Buffer.from(key)));
  const different = [fingerprintOf("a", key), fingerprintOf("b", key), fingerprintOf("a", randomBytes(32))];
  expect(new Set(different).size).toBe(3);
  expect(Buffer.from(fingerprintOf("a", key), "base64url").includes(key.subarray(0, 4))).toBe(false);
});

test.each([
  ["no key", []],
  ["a short key", ["a:c2hvcnQ="]],
  ["the same id twice", [entry("a"), entry("a")]],
])("parseKeyRing refuses %s", (_, entries) => {
  expect(() => parseKeyRing(entries)).toThrow(/encryption key/);
});
