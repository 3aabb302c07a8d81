import "server-only";
import type { Place } from "@/lib/crypto/envelope";
import { log } from "@/lib/log";
import type { Redacted } from "@/lib/redacted";
import { openSecret, sealSecret } from "@/lib/secrets/sealed-secrets";
import type { AppRef } from "./app-ref";

const placeOf = ({ organizationId, appId }: AppRef): Place => ({
  organizationId,
  table: "app_token",
  row: appId,
  column: "sealed_token",
});

export const sealToken = (app: AppRef, token: Redacted): Uint8Array<ArrayBuffer> =>
  sealSecret(placeOf(app), token);

/** `null` as well for one that doesn't open: its key is gone, or it is another row's. A new one is had for it. */
export function openToken(app: AppRef, sealed: Uint8Array | null): Redacted | null {
  if (!sealed) return null;
  try {
    return openSecret(placeOf(app), sealed);
  } catch (error) {
    log.warn("a stored token did not open", { ...app, error });
    return null;
  }
}
