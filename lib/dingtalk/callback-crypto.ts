import { createCipheriv, createDecipheriv, createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { Redacted } from "@/lib/redacted";

const CIPHER = "aes-256-cbc";
const IV_BYTES = 16;
/** DingTalk pads to 32 bytes, not to the cipher's block of 16. */
const PAD_BYTES = 32;
const RANDOM_BYTES = 16;
const LENGTH_BYTES = 4;
const AES_KEY = /^[A-Za-z0-9]{43}$/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** The signing token and the EncodingAESKey of a subscription. */
export type CallbackSecrets = { readonly token: Redacted; readonly aesKey: Redacted };

/** Values that a signature covers. The timestamp is text, because DingTalk sends milliseconds and shows seconds. */
export type SignedParts = {
  readonly timestamp: string;
  readonly nonce: string;
  /** Base64 text. */
  readonly encrypt: string;
};

export type DecryptedCallback = {
  readonly message: string;
  /** AppKey, CorpId or SuiteKey, by kind of subscription. @see docs/dingtalk/callbacks.md#owner-key */
  readonly ownerKey: string;
};

/** A body that DingTalk accepts as the reply to a callback. */
export type CallbackReply = {
  readonly msg_signature: string;
  readonly timeStamp: string;
  readonly nonce: string;
  readonly encrypt: string;
};

/** Returns whether a text has the form of an EncodingAESKey: 43 letters and digits. */
export const isAesKey = (text: string): boolean => AES_KEY.test(text);

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** Returns random letters and digits, without a bias to any of them. */
function randomText(characters: number): string {
  let text = "";
  while (text.length < characters) {
    for (const byte of randomBytes(characters)) {
      const index = byte & 63;
      if (index < ALPHABET.length && text.length < characters) text += ALPHABET.charAt(index);
    }
  }
  return text;
}

/** Creates the secrets of a subscription. The token has 32 characters, which DingTalk's console and API both accept. */
export const makeCallbackSecrets = (): CallbackSecrets => ({
  token: new Redacted(randomText(32)),
  aesKey: new Redacted(randomText(43)),
});

/** Decodes leniently: the last of the 43 characters often has unused bits that are set. */
const keyBytes = (aesKey: Redacted): Buffer => Buffer.from(`${aesKey.reveal()}=`, "base64");

/** Returns the signature of a callback or a reply. @see docs/dingtalk/callbacks.md#encryption-and-signature */
export function signCallback(token: Redacted, { timestamp, nonce, encrypt }: SignedParts): string {
  const parts = [token.reveal(), timestamp, nonce, encrypt].map((part) => Buffer.from(part));
  return createHash("sha1")
    .update(Buffer.concat(parts.sort((a, b) => Buffer.compare(a, b))))
    .digest("hex");
}

/** Compares in constant time. */
export function isCallbackSigned(token: Redacted, parts: SignedParts, signature: string): boolean {
  const [expected, given] = [Buffer.from(signCallback(token, parts)), Buffer.from(signature)];
  return expected.length === given.length && timingSafeEqual(expected, given);
}

/**
 * Decrypts a callback or a reply. Check its signature first.
 *
 * @returns `null` for a text that wasn't encrypted with this key in DingTalk's format
 */
export function decryptCallback(aesKey: Redacted, encrypt: string): DecryptedCallback | null {
  if (!BASE64.test(encrypt)) return null;
  const [key, sealed] = [keyBytes(aesKey), Buffer.from(encrypt, "base64")];
  if (sealed.length < PAD_BYTES || sealed.length % IV_BYTES !== 0) return null;
  // Node refuses pads above 16, so the padding is removed here.
  const decipher = createDecipheriv(CIPHER, key, key.subarray(0, IV_BYTES)).setAutoPadding(false);
  const plain = Buffer.concat([decipher.update(sealed), decipher.final()]);
  const pad = plain.at(-1) ?? 0;
  if (pad < 1 || pad > PAD_BYTES || !plain.subarray(-pad).every((byte) => byte === pad)) return null;
  const content = plain.subarray(0, -pad);
  const start = RANDOM_BYTES + LENGTH_BYTES;
  if (content.length < start) return null;
  const end = start + content.readUInt32BE(RANDOM_BYTES);
  if (end > content.length) return null;
  return {
    message: content.subarray(start, end).toString("utf8"),
    ownerKey: content.subarray(end).toString("utf8"),
  };
}

/** Encrypts a message in DingTalk's format. `random` is 16 bytes; tests set it. */
export function encryptCallback(
  aesKey: Redacted,
  { message, ownerKey }: DecryptedCallback,
  random: Buffer = randomBytes(RANDOM_BYTES),
): string {
  const key = keyBytes(aesKey);
  const text = Buffer.from(message);
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(text.length);
  const content = Buffer.concat([random, length, text, Buffer.from(ownerKey)]);
  const pad = PAD_BYTES - (content.length % PAD_BYTES);
  const cipher = createCipheriv(CIPHER, key, key.subarray(0, IV_BYTES)).setAutoPadding(false);
  return Buffer.concat([
    cipher.update(Buffer.concat([content, Buffer.alloc(pad, pad)])),
    cipher.final(),
  ]).toString("base64");
}

type ReplyTime = { readonly nowMs: number; readonly nonce?: string };

/** Returns the encrypted and signed `success`, which tells DingTalk that a callback was received. */
export function callbackReply(
  { token, aesKey }: CallbackSecrets,
  ownerKey: string,
  { nowMs, nonce = randomText(16) }: ReplyTime,
): CallbackReply {
  const encrypt = encryptCallback(aesKey, { message: "success", ownerKey });
  const timeStamp = String(nowMs);
  return {
    msg_signature: signCallback(token, { timestamp: timeStamp, nonce, encrypt }),
    timeStamp,
    nonce,
    encrypt,
  };
}
