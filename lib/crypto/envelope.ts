import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";

const ALGORITHM = "aes-256-gcm";
/** GCM hashes longer IVs to this length. */
const IV_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
const VERSION = 1;

/** Keys by id, newest first. All decrypt, so that a key can be replaced without downtime. */
export type KeyRing = ReadonlyMap<string, Buffer>;

/** The column and row of a sealed value, which can't be opened in another place. */
export type SealContext = {
  readonly organizationId: string;
  readonly table: string;
  readonly row: string;
  readonly column: string;
};

/** Has the same text for a wrong context, an unknown key and changed bytes. */
export class SealError extends Error {
  override readonly name = "SealError";

  constructor() {
    super("a sealed value could not be opened");
  }
}

/** @throws {Error} without a key, or for a repeated id or a key that isn't 32 bytes */
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

/** Uses JSON, so that two contexts never have the same text. */
const associatedDataOf = ({ organizationId, table, row, column }: SealContext) =>
  Buffer.from(JSON.stringify([organizationId, table, row, column]));

/** Returns the first bytes of every value that this key sealed: version, length of the key's id, the id. */
export function headerOf(keyId: string): Buffer {
  const id = Buffer.from(keyId);
  return Buffer.concat([Buffer.from([VERSION, id.length]), id]);
}

/** Returns a MAC of the id, which identifies the key, even among keys with the same id, without revealing it. */
export function fingerprintOf(id: string, key: Buffer): string {
  return createHmac("sha256", key).update(`fingerprint of the key ${id}`).digest("base64url");
}

/** Returns version, key id with its length, IV, tag and ciphertext. @see NIST SP 800-38D */
export function seal(ring: KeyRing, context: SealContext, text: string, keyId?: string): Buffer {
  const [[first] = []] = ring;
  const id = keyId ?? first;
  const key = id === undefined ? undefined : ring.get(id);
  if (id === undefined || key === undefined) throw new Error("there is no encryption key");
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(associatedDataOf(context));
  const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return Buffer.concat([headerOf(id), iv, cipher.getAuthTag(), sealed]);
}

export function keyIdOf(envelope: Uint8Array): string {
  return Buffer.from(envelope.subarray(2, 2 + (envelope[1] ?? 0))).toString();
}

export function open(ring: KeyRing, context: SealContext, envelope: Uint8Array): string {
  const id = keyIdOf(envelope);
  const key = ring.get(id);
  const body = Buffer.from(envelope.subarray(2 + Buffer.byteLength(id)));
  if (envelope[0] !== VERSION || !key || body.length < IV_BYTES + TAG_BYTES) throw new SealError();
  try {
    const decipher = createDecipheriv(ALGORITHM, key, body.subarray(0, IV_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(associatedDataOf(context));
    decipher.setAuthTag(body.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    return Buffer.concat([decipher.update(body.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]).toString(
      "utf8",
    );
  } catch {
    throw new SealError();
  }
}
