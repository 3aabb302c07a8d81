import "server-only";
import { type AppRef, keyOf } from "@/lib/app-ref";
import type { Actor } from "@/lib/auth/actor";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { AppError, notFound } from "@/lib/errors";
import { isUuid } from "@/lib/public-id";
import type { Redacted } from "@/lib/redacted";
import type { HeldToken } from "../renewal/lease-policy";
import { shareToken } from "../renewal/share-token";
import { type Keeper, ourKeeper } from "../renewal/token-service";
import type { RowClaim } from "../store/claim";
import type { Answer } from "../store/write-token";
import { noteStaleRead, noteSureRead } from "./staleness";

/** An app's token for somebody who uses it themselves. */
export type Lease = {
  readonly accessToken: Redacted;
  readonly expiresAt: Date;
  /** Rises by one with every renewal that changed the string or moved the expiry. */
  readonly version: number;
  /** When the present string was first had. */
  readonly changedAt: Date;
  /** The database can't be asked, so that this is what was known last. */
  readonly isStale: boolean;
};

export const toLease = (
  { token, expiresAt, version, changedAt }: HeldToken,
  { isStale }: { readonly isStale: boolean } = { isStale: false },
): Lease => ({ accessToken: token, expiresAt, version, changedAt, isStale });

export type LeaseOptions = { readonly keeper?: Keeper; readonly signal?: AbortSignal | undefined };

/** @throws {AppError} `not_found` for what is no id at all, as for one that isn't there */
export function appRefOf(organizationId: string, appId: string): AppRef {
  if (!isUuid(appId)) throw notFound("app");
  return { organizationId, appId };
}

/**
 * The app's token, with five minutes of life or more wherever DingTalk gives them: whoever finds less waits for
 * a renewal, if one may be made. One that lives comes from memory, and asks nobody.
 *
 * @throws {DingtalkError} when there is none to be had, and why
 * @throws {AppError} `not_found`, for another organization's app too; `conflict` while the app is disabled
 */
export function readLease(
  { organizationId }: Actor<"token.read">,
  appId: string,
  { keeper = ourKeeper(), signal }: LeaseOptions = {},
): Promise<Lease> {
  return takeLease(keeper, appRefOf(organizationId, appId), signal);
}

export async function takeLease<C extends RowClaim, A extends Answer>(
  keeper: Keeper<C, A>,
  app: AppRef,
  signal: AbortSignal | undefined,
): Promise<Lease> {
  const nowMs = keeper.now();
  const held = keeper.memory.find(app, nowMs);
  if (held && held.goodUntilMs > nowMs) return toLease(held);
  try {
    const wish = { need: { for: "lease" }, key: `lease ${keyOf(app)}`, signal } as const;
    const lease = toLease(await shareToken(keeper, app, wish));
    noteSureRead();
    return lease;
  } catch (error) {
    const last = isDatabaseAway(error) ? keeper.memory.findUnsure(app, nowMs) : null;
    if (!last) throw error;
    noteStaleRead();
    return toLease(last, { isStale: true });
  }
}

const isDatabaseAway = (error: unknown): boolean =>
  error instanceof AppError && !(error instanceof DingtalkError) && error.code === "unavailable";
