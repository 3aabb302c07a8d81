import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fingerprintOf, headerOf, keyIdOf, open, parseKeyRing, SealError, seal } from "./envelope";

const entry = (id: string) => `${id}:${randomBytes(32).toString("base64")}`;
const [first, second] = [entry("first"), entry("second")];
const ring = parseKeyRing([first, second]);
const place = { organizationId: "o-1", table: "dingtalk_app", row: "a-1", column: "sealed_secret" };

describe("S23 a sealed value", () => {
  test("opens in its place as what it was", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(open(ring, place, seal(ring, place, text))).toBe(text);
      }),
    );
  });

  test.each([
    ["another tenant", { organizationId: "o-2" }],
    ["another table", { table: "app_token" }],
    ["another row", { row: "a-2" }],
    ["another column", { column: "sealed_token" }],
    ["parts that only join to the same text", { organizationId: 'o-1","dingtalk_app', table: "" }],
  ])("does not open in %s", (_, other) => {
    expect(() => open(ring, { ...place, ...other }, seal(ring, place, "secret"))).toThrow(SealError);
  });

  test("does not open when any one of its bytes was changed", () => {
    const sealed = seal(ring, place, "secret");
    for (let index = 0; index < sealed.length; index++) {
      const changed = Buffer.from(sealed);
      changed[index] = (changed[index] ?? 0) ^ 1;
      expect(() => open(ring, place, changed), `byte ${index}`).toThrow(SealError);
    }
  });

  test("never looks the same twice", () => {
    expect(seal(ring, place, "secret").equals(seal(ring, place, "secret"))).toBe(false);
  });

  test("is made with the first key, and opens after another key was put before it", () => {
    const old = seal(parseKeyRing([second]), place, "secret");
    expect(keyIdOf(old)).toBe("second");
    expect(keyIdOf(seal(ring, place, "secret"))).toBe("first");
    expect(open(ring, place, old)).toBe("secret");
    expect(() => open(parseKeyRing([first]), place, old)).toThrow(SealError);
  });

  test("says nothing of itself in its error", () => {
    const sealed = seal(ring, place, "a marked secret");
    const error = (() => {
      try {
        return open(ring, { ...place, row: "a-2" }, sealed);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toEqual(new SealError());
    expect((error as Error).cause).toBeUndefined();
  });
});

test("a value begins with its key's header, whichever key of the ring is named, and a cut one has no key's", () => {
  for (const id of ["first", "second"]) {
    const sealed = seal(ring, place, "secret", id);
    expect(keyIdOf(sealed)).toBe(id);
    expect(sealed.subarray(0, headerOf(id).length)).toEqual(headerOf(id));
    expect(open(ring, place, sealed)).toBe("secret");
  }
  expect(() => seal(ring, place, "secret", "third")).toThrow(/no encryption key/);
  const whole = seal(ring, place, "secret");
  for (let length = 0; length < 7; length++) expect(ring.has(keyIdOf(whole.subarray(0, length)))).toBe(false);
});

test("a fingerprint tells keys apart under one id too, and holds nothing of the key", () => {
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
])("a key ring of %s is refused", (_, entries) => {
  expect(() => parseKeyRing(entries)).toThrow(/encryption key/);
});
