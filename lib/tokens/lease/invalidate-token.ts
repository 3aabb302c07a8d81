import "server-only";
import { keyOf, parseAppRef } from "@/lib/app-ref";
import type { Actor } from "@/lib/auth/actor";
import { requestToken } from "../renewal/ensure-token";
import { ourTokenService } from "../renewal/token-service";
import { type Lease, type LeaseOptions, toLease } from "./read-lease";

export type Invalidated = {
  readonly lease: Lease;
  /** The string differs from that of the reported version. */
  readonly isChanged: boolean;
};

/**
 * Handles a reader's report that DingTalk refused a token: renews it once for all reports, or returns a newer one. If
 * DingTalk returns the same string again, the app is degraded and no renewal is forced for five minutes.
 * @throws {AppError} `rate_limited` within 30 s of the last forced renewal, and after five in ten minutes; as
 *   `readLease`
 * @throws {DingtalkError} if the renewal fails
 */
export async function invalidateToken(
  { organizationId, keyId }: Actor<"token.read">,
  appId: string,
  version: number,
  { service = ourTokenService(), signal }: LeaseOptions = {},
): Promise<Invalidated> {
  const app = parseAppRef(organizationId, appId);
  const token = await requestToken(service, app, {
    purpose: { for: "forced", version },
    key: JSON.stringify([keyOf(app), version]),
    signal,
    reporter: { keyId },
  });
  const isCurrentString = version >= token.stringVersion && version <= token.version;
  return { lease: toLease(token), isChanged: !isCurrentString };
}
