import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { decrypt, encrypt, makeAesKey, sign } from "./callback-crypto";

type Vector = {
  readonly id: string;
  readonly aesKey: string;
  readonly token?: string;
  readonly owner: string;
  readonly timestamp: string;
  readonly nonce: string;
  readonly msg: string;
  readonly signature?: string;
  readonly encrypt: string;
  readonly rawNoLength?: boolean;
};

const page = readFileSync(new URL("../../docs/dingtalk/callback-test-vectors.md", import.meta.url), "utf8");
const vectors = (JSON.parse(/```json\n([\s\S]*?)```/.exec(page)?.[1] ?? "[]") as Vector[]).filter(
  ({ encrypt: encrypted }) => encrypted !== undefined,
);

describe("callback encryption", () => {
  test.each(vectors.filter(({ rawNoLength }) => !rawNoLength))(
    "decrypts the published vector $id",
    (vector) => {
      expect(decrypt(vector.aesKey, vector.encrypt)).toEqual({ message: vector.msg, ownerKey: vector.owner });
    },
  );

  test.each(vectors.filter(({ signature }) => signature))("signs the published vector $id", (vector) => {
    const { token = "", timestamp, nonce, encrypt: encrypted } = vector;
    expect(sign({ token, timestamp, nonce, encrypted })).toBe(vector.signature);
  });

  test("refuses a message whose length field exceeds the message", () => {
    const vector = vectors.find(({ rawNoLength }) => rawNoLength);
    expect(() => decrypt(vector?.aesKey ?? "", vector?.encrypt ?? "")).toThrow("length field");
  });

  test("pads every length to blocks of 32 bytes, and decrypts the result", () => {
    const aesKey = makeAesKey();
    for (let length = 0; length < 64; length += 1) {
      const message = "部".repeat(length);
      const encrypted = encrypt(aesKey, { message, ownerKey: "ding1" });
      expect(Buffer.from(encrypted, "base64").length % 32).toBe(0);
      expect(decrypt(aesKey, encrypted)).toEqual({ message, ownerKey: "ding1" });
    }
  });
});
