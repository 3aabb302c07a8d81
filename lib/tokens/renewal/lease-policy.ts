import type { Redacted } from "@/lib/redacted";
import type { TokenRow } from "../store/stored-token";
import { attemptLimits, nextAllowedMs } from "./renewal-policy";

const MINUTE_MS = 60_000;

/** Whoever reads a lease has this much of its life, wherever DingTalk gives more life. */
export const LEASE_MS_MIN = 5 * MINUTE_MS;
/** Between two renewals of an app that readers force. */
export const FORCED_PAUSE_MS = 30_000;
/** After DingTalk gave the refused string once more: it insists, and asking again soon is of no use. */
export const INSISTED_PAUSE_MS = 5 * MINUTE_MS;

/** A token as it is handed out. */
export type HeldToken = {
  readonly token: Redacted;
  readonly expiresAt: Date;
  readonly version: number;
  /** The version that the present string came with. */
  readonly stringVersion: number;
  /** When the present string was first had. */
  readonly changedAt: Date;
  /** Up to then a reader of a lease needs to look no further, in milliseconds since the epoch. */
  readonly goodUntilMs: number;
};

type Living = Omit<TokenRow, "expiresAt"> & { readonly expiresAt: Date };

/**
 * Up to when a lease's reader takes the present token: until less than five minutes are left and it can be
 * renewed; where it can't, or not yet, until that changes or the token ends.
 */
export function leaseGoodUntilMs(row: Living, nowMs: number): number {
  const endMs = row.expiresAt.getTime();
  if (nowMs < endMs - LEASE_MS_MIN) return endMs - LEASE_MS_MIN;
  if (row.renewAt === null) return endMs;
  const dueMs = Math.max(row.renewAt.getTime(), row.notExtendedUntil?.getTime() ?? 0);
  return Math.min(endMs, Math.max(dueMs, nextAllowedMs(row.attemptedAt, nowMs, attemptLimits(row).all)));
}

/** What the row holds, if it lives. */
export function heldOf(row: TokenRow, nowMs: number): HeldToken | null {
  const { token, expiresAt, version } = row;
  if (!token || !expiresAt || expiresAt.getTime() <= nowMs) return null;
  return {
    token,
    expiresAt,
    version,
    stringVersion: row.stringVersion ?? version,
    changedAt: row.changedAt ?? expiresAt,
    goodUntilMs: leaseGoodUntilMs({ ...row, expiresAt }, nowMs),
  };
}
