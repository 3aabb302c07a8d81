import { createHash, randomBytes } from "node:crypto";
import { parsePublicId, toPublicId } from "@/lib/public-id";
import { Redacted } from "@/lib/redacted";

/** 200 bits. Lists show four characters, which leaves 184 secret bits; S11 requires 160. */
const RANDOM_BYTES = 25;
const TAIL_CHARACTERS = 4;
/** The organization comes first, because row security requires it for the lookup. */
const KEY = /^dk_([0-9a-z]{26})_([0-9a-f]{50})$/;

export type KeyParts = { readonly organizationId: string; readonly hash: Buffer };

const hashOf = (text: string): Buffer => createHash("sha256").update(text).digest();

export type StoredKey = { readonly hash: Buffer; readonly tail: string };

export function toStoredKey(key: Redacted): StoredKey {
  const text = key.reveal();
  return { hash: hashOf(text), tail: text.slice(-TAIL_CHARACTERS) };
}

export function makeKey(organizationId: string): StoredKey & { readonly key: Redacted } {
  const random = randomBytes(RANDOM_BYTES).toString("hex");
  const key = new Redacted(`dk_${toPublicId(organizationId)}_${random}`);
  return { key, ...toStoredKey(key) };
}

export function readKey(text: string): KeyParts | null {
  const organizationId = parsePublicId(KEY.exec(text)?.[1] ?? "");
  return organizationId === null ? null : { organizationId, hash: hashOf(text) };
}

export const maskedKey = (organizationId: string, tail: string): string =>
  `dk_${toPublicId(organizationId).slice(0, TAIL_CHARACTERS)}…${tail}`;
