import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";

// DingTalk's side of the callback encryption. It shares no code with the product, so that an error in one of them is
// not repeated in the other.

const BLOCK_BYTES = 32;
const RANDOM_BYTES = 16;
const LENGTH_BYTES = 4;
const IV_BYTES = 16;

/** Decrypted content of a push or a reply. */
export type Opened = { readonly message: string; readonly ownerKey: string };

/** A message that cannot be decrypted. */
export class DecryptionError extends Error {
  override readonly name = "DecryptionError";
}

const keyOf = (aesKey: string): Buffer => Buffer.from(`${aesKey}=`, "base64");

/** Options for messages that no receiver may accept. */
type EncryptOptions = {
  /** Value of the length field, in place of the length of the message. */
  readonly length?: number;
};

/**
 * Encrypts a message with AES-256-CBC and PKCS#7 padding to blocks of 32 bytes.
 *
 * @see docs/dingtalk/callbacks.md#encryption-and-signature
 */
export function encrypt(aesKey: string, { message, ownerKey }: Opened, options: EncryptOptions = {}): string {
  const text = Buffer.from(message, "utf8");
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(options.length ?? text.length);
  const plain = Buffer.concat([randomBytes(RANDOM_BYTES), length, text, Buffer.from(ownerKey, "utf8")]);
  const pad = BLOCK_BYTES - (plain.length % BLOCK_BYTES);
  const key = keyOf(aesKey);
  const cipher = createCipheriv("aes-256-cbc", key, key.subarray(0, IV_BYTES)).setAutoPadding(false);
  return Buffer.concat([
    cipher.update(plain),
    cipher.update(Buffer.alloc(pad, pad)),
    cipher.final(),
  ]).toString("base64");
}

/**
 * Decrypts a message.
 *
 * @throws {DecryptionError} when the key, the padding or the length field is wrong
 */
export function decrypt(aesKey: string, encrypted: string): Opened {
  const plain = removePadding(decipher(aesKey, Buffer.from(encrypted, "base64")));
  const from = RANDOM_BYTES + LENGTH_BYTES;
  if (plain.length < from) throw new DecryptionError("the message is too short");
  const to = from + plain.readUInt32BE(RANDOM_BYTES);
  if (to > plain.length) throw new DecryptionError("the length field exceeds the message");
  return { message: plain.toString("utf8", from, to), ownerKey: plain.toString("utf8", to) };
}

function decipher(aesKey: string, encrypted: Buffer): Buffer {
  const key = keyOf(aesKey);
  if (encrypted.length === 0 || encrypted.length % IV_BYTES !== 0) {
    throw new DecryptionError("the message is not a multiple of a block");
  }
  const decrypting = createDecipheriv("aes-256-cbc", key, key.subarray(0, IV_BYTES)).setAutoPadding(false);
  return Buffer.concat([decrypting.update(encrypted), decrypting.final()]);
}

function removePadding(padded: Buffer): Buffer {
  const pad = padded.at(-1) ?? 0;
  if (pad < 1 || pad > BLOCK_BYTES || pad > padded.length) throw new DecryptionError("the padding is wrong");
  return padded.subarray(0, padded.length - pad);
}

/** Values that a signature covers. */
export type Signed = {
  readonly token: string;
  readonly timestamp: string;
  readonly nonce: string;
  readonly encrypted: string;
};

/** Returns the lowercase SHA-1 of the sorted values. */
export function sign({ token, timestamp, nonce, encrypted }: Signed): string {
  const sorted = [token, timestamp, nonce, encrypted].toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return createHash("sha1").update(sorted.join("")).digest("hex");
}

/** Returns a random AES key in the form of the developer console: 43 letters and digits. */
export function makeAesKey(): string {
  for (;;) {
    const key = randomBytes(64)
      .toString("base64")
      .replaceAll(/[^A-Za-z0-9]/g, "");
    if (key.length >= 43) return key.slice(0, 43);
  }
}
