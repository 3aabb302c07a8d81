import "server-only";
import { v7 as newId } from "uuid";
import type { SealContext } from "@/lib/crypto/envelope";
import type { Tx } from "@/lib/db/unit-of-work";
import { notFound } from "@/lib/errors";
import type { Redacted } from "@/lib/redacted";
import { openSecret, sealSecret } from "@/lib/secrets/sealed-secrets";
import { hashPathSecret } from "./callback-address";

export const SECRET_KINDS = ["path", "token", "aes_key"] as const;
export type SecretKind = (typeof SECRET_KINDS)[number];

/** Time for which a replaced secret stays valid: 24 hours. */
export const OVERLAP_MS = 24 * 60 * 60_000;

export type SubscriptionRef = { readonly organizationId: string; readonly subscriptionId: string };

const context = (organizationId: string, id: string): SealContext => ({
  organizationId,
  table: "callback_secret",
  row: id,
  column: "sealed_value",
});

/** Opens a stored secret. @throws {SealError} */
export const openCallbackSecret = (
  organizationId: string,
  { id, sealedValue }: { readonly id: string; readonly sealedValue: Uint8Array },
): Redacted => openSecret(context(organizationId, id), sealedValue);

/** Opens the current secrets of a subscription. @throws {AppError} `not_found` if it was never set up; {SealError} */
export async function currentSecrets(
  tx: Tx,
  { organizationId, subscriptionId }: SubscriptionRef,
): Promise<Readonly<Record<SecretKind, Redacted>>> {
  const rows = await tx.callbackSecret.findMany({
    where: { organizationId, subscriptionId, validUntil: null },
    select: { id: true, kind: true, sealedValue: true },
  });
  const secretOf = (kind: SecretKind) => {
    const row = rows.find((each) => each.kind === kind);
    if (!row) throw notFound(kind);
    return openCallbackSecret(organizationId, row);
  };
  return { path: secretOf("path"), token: secretOf("token"), aes_key: secretOf("aes_key") };
}

/** Stores a new current secret. A current one of the same kind stays valid for 24 hours. */
export async function putCallbackSecret(
  tx: Tx,
  { organizationId, subscriptionId }: SubscriptionRef,
  { kind, value, now }: { readonly kind: SecretKind; readonly value: Redacted; readonly now: Date },
): Promise<void> {
  const ofKind = { organizationId, subscriptionId, kind };
  await tx.callbackSecret.deleteMany({ where: { ...ofKind, validUntil: { lte: now } } });
  await tx.callbackSecret.updateMany({
    where: { ...ofKind, validUntil: null },
    data: { validUntil: new Date(now.getTime() + OVERLAP_MS) },
  });
  const id = newId();
  const sealedValue = sealSecret(context(organizationId, id), value);
  const hash = kind === "path" ? hashPathSecret(value) : null;
  await tx.callbackSecret.create({ data: { ...ofKind, id, sealedValue, hash, createdAt: now } });
}
