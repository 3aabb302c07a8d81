import "server-only";
import { createHmac, timingSafeEqual } from "node:crypto";
import { keyRing, sealingKey } from "./sealed-secrets";

/** Signs with a key that is derived for each purpose, so that no sealing key signs. */
const signatureOf = (key: Buffer, purpose: string, data: Buffer): Buffer =>
  createHmac("sha256", createHmac("sha256", key).update(`signatures of ${purpose}`).digest())
    .update(data)
    .digest();

export const sign = (purpose: string, data: Buffer): Buffer => signatureOf(sealingKey(), purpose, data);

/** Accepts signatures of all keys of the ring, because one of them may be rotated out. */
export const isSignedBy = (purpose: string, data: Buffer, signature: Buffer): boolean =>
  [...keyRing().values()].some((key) => {
    const right = signatureOf(key, purpose, data);
    return signature.length === right.length && timingSafeEqual(signature, right);
  });
