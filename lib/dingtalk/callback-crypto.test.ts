import { createCipheriv, createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Redacted } from "@/lib/redacted";
import {
  callbackReply,
  decryptCallback,
  encryptCallback,
  isAesKey,
  isCallbackSigned,
  makeCallbackSecrets,
  signCallback,
} from "./callback-crypto";

type Vector = Readonly<Record<"id" | "aesKey" | "token" | "owner" | "timestamp" | "nonce", string>> &
  Readonly<Record<"random" | "msg" | "signature" | "encrypt", string>> & { readonly pad: number };

const page = readFileSync("docs/dingtalk/callback-test-vectors.md", "utf8");
const [, json = ""] = page.split(/```json\n|```\n/);
const VECTORS = (JSON.parse(json) as Vector[]).filter(({ aesKey }) => aesKey !== undefined);
const vector = (id: string): Vector => {
  const found = VECTORS.find((one) => one.id === id);
  if (!found) throw new Error(`no vector ${id}`);
  return found;
};

const KEY = new Redacted(vector("A").aesKey);
const encryptRaw = (content: Buffer): string => {
  const key = Buffer.from(`${KEY.reveal()}=`, "base64");
  const cipher = createCipheriv("aes-256-cbc", key, key.subarray(0, 16)).setAutoPadding(false);
  return Buffer.concat([cipher.update(content), cipher.final()]).toString("base64");
};

describe("published test vectors", () => {
  test("the page has the six vectors of callbacks", () => {
    expect(VECTORS.map(({ id }) => id)).toEqual(["A", "B", "C", "E", "F", "H"]);
  });

  test.each(["A", "B", "C", "F", "H"])("%s is decrypted to its message and owner key", (id) => {
    const { aesKey, encrypt, msg, owner } = vector(id);
    expect(decryptCallback(new Redacted(aesKey), encrypt)).toEqual({ message: msg, ownerKey: owner });
  });

  test.each(["A", "B", "C", "F", "H"])(
    "%s is encrypted to the same text with the same random bytes",
    (id) => {
      const { aesKey, encrypt, msg, owner, random } = vector(id);
      const content = { message: msg, ownerKey: owner };
      expect(encryptCallback(new Redacted(aesKey), content, Buffer.from(random))).toBe(encrypt);
    },
  );

  test.each(["A", "B", "C", "H"])("the signature of %s is valid", (id) => {
    const { token, signature, ...parts } = vector(id);
    expect(signCallback(new Redacted(token), parts)).toBe(signature);
    expect(isCallbackSigned(new Redacted(token), parts, signature)).toBe(true);
  });

  test("E is rejected, because its length field exceeds the content", () => {
    expect(decryptCallback(new Redacted(vector("E").aesKey), vector("E").encrypt)).toBeNull();
  });
});

describe("isCallbackSigned", () => {
  const { token, signature, ...parts } = vector("C");

  test.each([
    ["another timestamp", { ...parts, timestamp: `${parts.timestamp}0` }, signature],
    ["another nonce", { ...parts, nonce: "x" }, signature],
    ["another text", { ...parts, encrypt: `A${parts.encrypt.slice(1)}` }, signature],
    ["an upper-case signature", parts, signature.toUpperCase()],
    ["a shorter signature", parts, signature.slice(1)],
    ["an empty signature", parts, ""],
  ])("a signature is refused for %s", (_, changed, given) => {
    expect(isCallbackSigned(new Redacted(token), changed, given)).toBe(false);
  });

  test("a signature with another token is refused", () => {
    expect(isCallbackSigned(new Redacted("123456"), parts, signature)).toBe(false);
  });

  test("sorts by bytes, so that astral characters come after all others", () => {
    const [first, last] = ["\uFF5E", "\u{1F600}"];
    const same = { timestamp: first, nonce: last, encrypt: "z" };
    const swapped = { timestamp: last, nonce: first, encrypt: "z" };
    expect(signCallback(new Redacted("a"), same)).toBe(
      createHash("sha1").update("az\uFF5E\u{1F600}").digest("hex"),
    );
    expect(signCallback(new Redacted("a"), swapped)).toBe(signCallback(new Redacted("a"), same));
  });
});

describe("decryptCallback", () => {
  test("returns each encrypted message, with every pad from 1 to 32", () => {
    const pads = new Set<number>();
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 200 }),
        fc.string({ maxLength: 40 }),
        (message, ownerKey) => {
          const encrypt = encryptCallback(KEY, { message, ownerKey });
          pads.add(32 - ((20 + Buffer.byteLength(message) + Buffer.byteLength(ownerKey)) % 32));
          const expected = {
            message: Buffer.from(message).toString(),
            ownerKey: Buffer.from(ownerKey).toString(),
          };
          expect(decryptCallback(KEY, encrypt)).toEqual(expected);
          expect(Buffer.from(encrypt, "base64").length % 32).toBe(0);
        },
      ),
      { numRuns: 500 },
    );
    expect(pads.size).toBe(32);
  });

  test.each([
    ["a pad of 0", Buffer.alloc(32, 0)],
    ["a pad of 33", Buffer.concat([Buffer.alloc(31), Buffer.from([33])])],
    ["a pad with different bytes", Buffer.concat([Buffer.alloc(62), Buffer.from([1, 2])])],
    ["nothing but a pad", Buffer.alloc(32, 32)],
    [
      "a length beyond the content",
      Buffer.concat([Buffer.alloc(16), Buffer.from([0, 0, 0, 12]), Buffer.alloc(12, 1)]),
    ],
  ])("returns null for %s", (_, content) => {
    expect(decryptCallback(KEY, encryptRaw(content))).toBeNull();
  });

  test("accepts a message of the whole content, without an owner key", () => {
    const content = Buffer.concat([
      Buffer.alloc(16),
      Buffer.from([0, 0, 0, 11]),
      Buffer.from("hello world"),
      Buffer.alloc(1, 1),
    ]);
    expect(decryptCallback(KEY, encryptRaw(content))).toEqual({ message: "hello world", ownerKey: "" });
  });

  test.each(["", "AAAA", "not base64!", `${vector("C").encrypt}\n`, vector("C").encrypt.slice(4)])(
    "returns null for %j",
    (encrypt) => {
      expect(decryptCallback(new Redacted(vector("C").aesKey), encrypt)).toBeNull();
    },
  );

  test("never throws and never returns the message for another key or changed bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat({ max: 127 }), (noise, at) => {
        decryptCallback(KEY, Buffer.from(noise).toString("base64"));
        const changed = Buffer.from(vector("A").encrypt, "base64");
        changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
        expect(decryptCallback(KEY, changed.toString("base64"))?.message).not.toBe(vector("A").msg);
      }),
    );
  });
});

describe("makeCallbackSecrets and callbackReply", () => {
  test("create a token of 32 and a key of 43 letters and digits, different each time", () => {
    const made = Array.from({ length: 50 }, makeCallbackSecrets);
    for (const { token, aesKey } of made) {
      expect(token.reveal()).toMatch(/^[A-Za-z0-9]{32}$/);
      expect(isAesKey(aesKey.reveal())).toBe(true);
    }
    expect(new Set(made.map(({ aesKey }) => aesKey.reveal())).size).toBe(50);
    expect(new Set(made.flatMap(({ token }) => token.reveal().split(""))).size).toBe(62);
  });

  test("create a reply that DingTalk's check accepts", () => {
    const secrets = makeCallbackSecrets();
    const reply = callbackReply(secrets, "dingowner", { nowMs: 1_700_000_000_000 });
    expect(Object.keys(reply)).toEqual(["msg_signature", "timeStamp", "nonce", "encrypt"]);
    expect(reply.timeStamp).toBe("1700000000000");
    const { msg_signature: signature, timeStamp: timestamp, nonce, encrypt } = reply;
    expect(isCallbackSigned(secrets.token, { timestamp, nonce, encrypt }, signature)).toBe(true);
    expect(decryptCallback(secrets.aesKey, encrypt)).toEqual({ message: "success", ownerKey: "dingowner" });
  });

  test.each([
    randomBytes(8).toString("hex"),
    "",
    "4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3i=",
    ` ${vector("A").aesKey}`,
  ])("isAesKey is false for %j", (text) => {
    expect(isAesKey(text)).toBe(false);
  });
});
