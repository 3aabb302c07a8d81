import "server-only";
import type { SealContext } from "@/lib/crypto/envelope";
import type { Redacted } from "@/lib/redacted";
import { openSecret, sealSecret } from "@/lib/secrets/sealed-secrets";

export type EndpointRef = { readonly organizationId: string; readonly endpointId: string };

type SealedColumn = "sealed_url" | "sealed_secret" | "sealed_previous_secret";

const contextOf = ({ organizationId, endpointId }: EndpointRef, column: SealedColumn): SealContext => ({
  organizationId,
  table: "webhook_endpoint",
  row: endpointId,
  column,
});

export const sealFor = (endpoint: EndpointRef, column: SealedColumn, value: Redacted) =>
  sealSecret(contextOf(endpoint, column), value);

export const openFor = (endpoint: EndpointRef, column: SealedColumn, sealed: Uint8Array): Redacted =>
  openSecret(contextOf(endpoint, column), sealed);

type StoredSecrets = {
  readonly sealedSecret: Uint8Array;
  readonly sealedPreviousSecret: Uint8Array | null;
  readonly previousSecretUntil: Date | null;
};

/** Returns the secrets that sign: the present one, and the previous one until a rotation ends. */
export function openSecrets(
  endpoint: EndpointRef,
  { sealedSecret, sealedPreviousSecret, previousSecretUntil }: StoredSecrets,
  nowMs: number,
): Redacted[] {
  const present = openFor(endpoint, "sealed_secret", sealedSecret);
  const isOver = previousSecretUntil === null || previousSecretUntil.getTime() <= nowMs;
  if (sealedPreviousSecret === null || isOver) return [present];
  return [present, openFor(endpoint, "sealed_previous_secret", sealedPreviousSecret)];
}
