import "server-only";
import { createHmac, timingSafeEqual } from "node:crypto";
import { keyRing, sealingKey } from "./sealed-secrets";

/** A key of the ring seals; what signs is derived from it, one for each purpose. */
const signatureOf = (key: Buffer, purpose: string, data: Buffer): Buffer =>
  createHmac("sha256", createHmac("sha256", key).update(`signatures of ${purpose}`).digest())
    .update(data)
    .digest();

/** 32 bytes that nobody can make who hasn't the ring. */
export const sign = (purpose: string, data: Buffer): Buffer => signatureOf(sealingKey(), purpose, data);

/** Whether any key of the ring signed this: one that is being rotated out is still believed. */
export const isSignedBy = (purpose: string, data: Buffer, signature: Buffer): boolean =>
  [...keyRing().values()].some((key) => {
    const right = signatureOf(key, purpose, data);
    return signature.length === right.length && timingSafeEqual(signature, right);
  });
