import { createHash, randomBytes } from "node:crypto";
import { parsePublicId, toPublicId } from "@/lib/public-id";
import { Redacted } from "@/lib/redacted";

/** 200 random bits. Four characters of it are shown later on, which leaves 180 (S11 asks for 160). */
const RANDOM_BYTES = 25;
const TAIL_CHARACTERS = 4;
/** The organization first: nothing can be looked up before it is known whose it is. */
const KEY = /^dk_([0-9a-z]{26})_([0-9a-f]{50})$/;

export type KeyParts = { readonly organizationId: string; readonly hash: Buffer };

const hashOf = (text: string): Buffer => createHash("sha256").update(text).digest();

/** What is kept of a key. */
export type KeptKey = { readonly hash: Buffer; readonly tail: string };

export function keptOf(key: Redacted): KeptKey {
  const text = key.reveal();
  return { hash: hashOf(text), tail: text.slice(-TAIL_CHARACTERS) };
}

/** A new key of an organization, with what is kept of it. */
export function makeKey(organizationId: string): KeptKey & { readonly key: Redacted } {
  const random = randomBytes(RANDOM_BYTES).toString("hex");
  const key = new Redacted(`dk_${toPublicId(organizationId)}_${random}`);
  return { key, ...keptOf(key) };
}

/** Whose a key says that it is, and its SHA-256; `null` for what is no key. */
export function readKey(text: string): KeyParts | null {
  const organizationId = parsePublicId(KEY.exec(text)?.[1] ?? "");
  return organizationId === null ? null : { organizationId, hash: hashOf(text) };
}

/** The beginning and the end of a key, as lists show it. */
export const maskedKey = (organizationId: string, tail: string): string =>
  `dk_${toPublicId(organizationId).slice(0, TAIL_CHARACTERS)}…${tail}`;
