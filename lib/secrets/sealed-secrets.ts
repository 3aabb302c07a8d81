import "server-only";
import { type KeyRing, open, type Place, parseKeyRing, seal } from "@/lib/crypto/envelope";
import { env } from "@/lib/env";
import { processWide } from "@/lib/process-wide";
import { Redacted } from "@/lib/redacted";

/** The key ring of ENCRYPTION_KEYS. */
export const keyRing = (): KeyRing => processWide("secrets.ring", () => parseKeyRing(env().ENCRYPTION_KEYS));

const sealing = () => processWide("secrets.sealing", (): { keyId: string | null } => ({ keyId: null }));

/** Seals with this key of the ring from now on: `lib/key-rotation` knows which one every live process has. */
export function sealWith(keyId: string): void {
  sealing().keyId = keyId;
}

/** Until that is known the last of the ring, which is the one that all others have had for longest. */
const sealingKeyId = (): string | undefined => sealing().keyId ?? [...keyRing().keys()].at(-1);

/** The key that writes now. */
export function sealingKey(): Buffer {
  const key = keyRing().get(sealingKeyId() ?? "");
  if (!key) throw new Error("there is no encryption key");
  return key;
}

/** What a row keeps of a secret. Prisma wants bytes over a plain ArrayBuffer. */
export function sealSecret(place: Place, secret: Redacted): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(seal(keyRing(), place, secret.reveal(), sealingKeyId()));
}

/** @throws {SealError} when it belongs to another place or its key is gone from ENCRYPTION_KEYS */
export function openSecret(place: Place, sealed: Uint8Array): Redacted {
  return new Redacted(open(keyRing(), place, sealed));
}
