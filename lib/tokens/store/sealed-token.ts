import "server-only";
import type { AppRef } from "@/lib/app-ref";
import type { Place } from "@/lib/crypto/envelope";
import { log } from "@/lib/log";
import type { Redacted } from "@/lib/redacted";
import { openSecret, sealSecret } from "@/lib/secrets/sealed-secrets";
import { type LeaseTable, TOKEN_TABLE } from "./token-table";

type SealedColumn = Pick<LeaseTable, "name" | "column">;

const placeOf = ({ organizationId, appId }: AppRef, { name, column }: SealedColumn): Place => ({
  organizationId,
  table: name,
  row: appId,
  column,
});

export const sealToken = (
  app: AppRef,
  token: Redacted,
  table: SealedColumn = TOKEN_TABLE,
): Uint8Array<ArrayBuffer> => sealSecret(placeOf(app, table), token);

/** `null` as well for one that doesn't open: its key is gone, or it is another row's. A new one is had for it. */
export function openToken(
  app: AppRef,
  sealed: Uint8Array | null,
  table: SealedColumn = TOKEN_TABLE,
): Redacted | null {
  if (!sealed) return null;
  try {
    return openSecret(placeOf(app, table), sealed);
  } catch (error) {
    log.warn("a stored token did not open", { ...app, table: table.name, error });
    return null;
  }
}
