import "server-only";
import { type KeyRing, open, parseKeyRing, type SealContext, seal } from "@/lib/crypto/envelope";
import { env } from "@/lib/env";
import { processWide } from "@/lib/process-wide";
import { Redacted } from "@/lib/redacted";

export const keyRing = (): KeyRing => processWide("secrets.ring", () => parseKeyRing(env().ENCRYPTION_KEYS));

const sealing = () => processWide("secrets.sealing", (): { keyId: string | null } => ({ keyId: null }));

/** Sets the key that seals from now on. `lib/key-rotation` chooses one that every live process has. */
export function sealWith(keyId: string): void {
  sealing().keyId = keyId;
}

/** Default: the oldest key, because other processes may not have the newer ones yet. */
const sealingKeyId = (): string | undefined => sealing().keyId ?? [...keyRing().keys()].at(-1);

export function sealingKey(): Buffer {
  const key = keyRing().get(sealingKeyId() ?? "");
  if (!key) throw new Error("there is no encryption key");
  return key;
}

/** Returns bytes over a plain ArrayBuffer, which Prisma requires. */
export function sealSecret(context: SealContext, secret: Redacted): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(seal(keyRing(), context, secret.reveal(), sealingKeyId()));
}

/** @throws {SealError} if the value belongs to another context or its key is missing in ENCRYPTION_KEYS */
export function openSecret(context: SealContext, sealed: Uint8Array): Redacted {
  return new Redacted(open(keyRing(), context, sealed));
}
