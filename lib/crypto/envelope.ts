import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";

const ALGORITHM = "aes-256-gcm";
/** The length GCM was made for; a longer one is only hashed down. */
const IV_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
const VERSION = 1;

/** Keys by their id, the newest first. All of them decrypt, so that one can be replaced without a stop. */
export type KeyRing = ReadonlyMap<string, Buffer>;

/** Where a sealed value lives. It opens nowhere else: not in another tenant's row, nor in another column. */
export type Place = {
  readonly organizationId: string;
  readonly table: string;
  readonly row: string;
  readonly column: string;
};

/** A sealed value doesn't open: another place, an unknown key, or changed bytes. The text says no more. */
export class SealError extends Error {
  override readonly name = "SealError";

  constructor() {
    super("a sealed value could not be opened");
  }
}

/** @throws {Error} when there is no key, an id twice, or one that isn't 32 bytes */
export function parseKeyRing(entries: readonly string[]): KeyRing {
  const ring = new Map<string, Buffer>();
  for (const entry of entries) {
    const [id = "", encoded = ""] = entry.split(":");
    const key = Buffer.from(encoded, "base64");
    if (key.length !== KEY_BYTES || ring.has(id)) throw new Error(`the encryption key ${id} is not usable`);
    ring.set(id, key);
  }
  if (ring.size === 0) throw new Error("there is no encryption key");
  return ring;
}

/** JSON, so that no two places have the same text whatever stands in their parts. */
const dataOf = ({ organizationId, table, row, column }: Place) =>
  Buffer.from(JSON.stringify([organizationId, table, row, column]));

/** What every value that this key sealed begins with: version, length of the key's id, the id. */
export function headerOf(keyId: string): Buffer {
  const id = Buffer.from(keyId);
  return Buffer.concat([Buffer.from([VERSION, id.length]), id]);
}

/**
 * Tells a key from every other one, also from another under the same id, and nothing of the key: a MAC of its id
 * that is made with itself.
 */
export function fingerprintOf(id: string, key: Buffer): string {
  return createHmac("sha256", key).update(`fingerprint of the key ${id}`).digest("base64url");
}

/**
 * Encrypts a text for one place: version, key id with its length, IV, tag, ciphertext.
 *
 * @param keyId of the ring; its first one when left out
 * @see NIST SP 800-38D
 */
export function seal(ring: KeyRing, place: Place, text: string, keyId?: string): Buffer {
  const [[first] = []] = ring;
  const id = keyId ?? first;
  const key = id === undefined ? undefined : ring.get(id);
  if (id === undefined || key === undefined) throw new Error("there is no encryption key");
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(dataOf(place));
  const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return Buffer.concat([headerOf(id), iv, cipher.getAuthTag(), sealed]);
}

/** The id of the key that sealed a value; rotation reads it. */
export function keyIdOf(envelope: Uint8Array): string {
  return Buffer.from(envelope.subarray(2, 2 + (envelope[1] ?? 0))).toString();
}

/** @throws {SealError} */
export function open(ring: KeyRing, place: Place, envelope: Uint8Array): string {
  const id = keyIdOf(envelope);
  const key = ring.get(id);
  const body = Buffer.from(envelope.subarray(2 + Buffer.byteLength(id)));
  if (envelope[0] !== VERSION || !key || body.length < IV_BYTES + TAG_BYTES) throw new SealError();
  try {
    const decipher = createDecipheriv(ALGORITHM, key, body.subarray(0, IV_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(dataOf(place));
    decipher.setAuthTag(body.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    return Buffer.concat([decipher.update(body.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]).toString(
      "utf8",
    );
  } catch {
    throw new SealError();
  }
}
