import "server-only";
import { keyOf } from "@/lib/app-ref";
import type { Actor } from "@/lib/auth/actor";
import { shareToken } from "../renewal/share-token";
import { ourKeeper } from "../renewal/token-service";
import { appRefOf, type Lease, type LeaseOptions, toLease } from "./read-lease";

export type Invalidated = {
  readonly lease: Lease;
  /** Whether the string is another one than that of the version which was refused. */
  readonly isChanged: boolean;
};

/**
 * "DingTalk refused the token of this version." Renews it while that is the present one, once for all who say
 * so; else gives the present one. Where DingTalk insists on the same string, the app is degraded, and nothing is
 * forced for five minutes.
 *
 * @throws {AppError} `rate_limited` within 30 s of the last forced renewal, and once five in ten minutes are used up
 * @throws {DingtalkError} when the renewal fails
 * @throws {AppError} as `readLease`
 */
export async function invalidateToken(
  { organizationId, keyId }: Actor<"token.read">,
  appId: string,
  version: number,
  { keeper = ourKeeper(), signal }: LeaseOptions = {},
): Promise<Invalidated> {
  const app = appRefOf(organizationId, appId);
  const held = await shareToken(keeper, app, {
    need: { for: "forced", version },
    key: JSON.stringify([keyOf(app), version]),
    signal,
    reporter: { keyId },
  });
  const isPresentString = version >= held.stringVersion && version <= held.version;
  return { lease: toLease(held), isChanged: !isPresentString };
}
