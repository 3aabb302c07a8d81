import "server-only";
import { type KeyRing, open, type Place, parseKeyRing, seal } from "@/lib/crypto/envelope";
import { env } from "@/lib/env";
import { processWide } from "@/lib/process-wide";
import { Redacted } from "@/lib/redacted";

/** The key ring of ENCRYPTION_KEYS. */
const keyRing = (): KeyRing => processWide("secrets.ring", () => parseKeyRing(env().ENCRYPTION_KEYS));

/** What a row keeps of a secret. Prisma wants bytes over a plain ArrayBuffer. */
export function sealSecret(place: Place, secret: Redacted): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(seal(keyRing(), place, secret.reveal()));
}

/** @throws {SealError} when it belongs to another place or its key is gone from ENCRYPTION_KEYS */
export function openSecret(place: Place, sealed: Uint8Array): Redacted {
  return new Redacted(open(keyRing(), place, sealed));
}
