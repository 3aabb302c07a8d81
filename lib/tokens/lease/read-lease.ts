import "server-only";
import { type AppRef, keyOf, parseAppRef } from "@/lib/app-ref";
import type { Actor } from "@/lib/auth/actor";
import type { Redacted } from "@/lib/redacted";
import { requestToken } from "../renewal/ensure-token";
import { ourTokenService, type TokenService } from "../renewal/token-service";
import type { RowClaim } from "../store/claim";
import type { StoredToken } from "../store/stored-token";
import type { Answer } from "../store/write-token";
import { recordFreshRead, serveStaleToken } from "./serve-stale-token";

/** A token given out to a reader that calls DingTalk itself. */
export type Lease = {
  readonly accessToken: Redacted;
  readonly expiresAt: Date;
  /** Rises by one with every renewal that changed the string or moved the expiry. */
  readonly version: number;
  readonly changedAt: Date;
  /** The database is away, so the token may be outdated. */
  readonly isStale: boolean;
};

export const toLease = (
  { token, expiresAt, version, changedAt }: StoredToken,
  { isStale }: { readonly isStale: boolean } = { isStale: false },
): Lease => ({ accessToken: token, expiresAt, version, changedAt, isStale });

export type LeaseOptions = { readonly service?: TokenService; readonly signal?: AbortSignal | undefined };

/**
 * Returns a token with at least five minutes of life, if DingTalk gives that much, from memory if possible.
 * @throws {DingtalkError} if there is no token, with the reason
 * @throws {AppError} `not_found`; `conflict` for a disabled app
 */
export function readLease(
  { organizationId }: Actor<"token.read">,
  appId: string,
  { service = ourTokenService(), signal }: LeaseOptions = {},
): Promise<Lease> {
  return takeLease(service, parseAppRef(organizationId, appId), signal);
}

export async function takeLease<C extends RowClaim, A extends Answer>(
  service: TokenService<C, A>,
  app: AppRef,
  signal: AbortSignal | undefined,
): Promise<Lease> {
  const nowMs = service.now();
  const remembered = service.memory.find(app, nowMs);
  if (remembered && remembered.freshUntilMs > nowMs) return toLease(remembered);
  try {
    const request = { purpose: { for: "lease" }, key: `lease ${keyOf(app)}`, signal } as const;
    const lease = toLease(await requestToken(service, app, request));
    recordFreshRead();
    return lease;
  } catch (error) {
    return toLease(serveStaleToken(error, service.memory, { app, nowMs }), { isStale: true });
  }
}
