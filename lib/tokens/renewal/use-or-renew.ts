import type { Redacted } from "@/lib/redacted";
import type { StoredToken, TokenRow } from "../store/stored-token";
import { attemptLimits, leaseFreshUntilMs, nextAllowedMs } from "./renewal-policy";

/** Why a token is requested. `seenAtMs` is the `obtainedAt` of the row at its first reading, 0 without a token. */
export type TokenPurpose =
  /** A call of Dingkeep: any valid token is enough. */
  | { readonly for: "call" }
  /** A reader that will use the token for some minutes. */
  | { readonly for: "lease" }
  /** A call was refused because of the token `dead`. */
  | { readonly for: "replacement"; readonly dead: Redacted; readonly seenAtMs?: number }
  /** A reader reports that DingTalk refused the token of this version. */
  | { readonly for: "forced"; readonly version: number; readonly seenAtMs?: number }
  | { readonly for: "schedule" };

type Use = { readonly do: "use" } & StoredToken;
type Renew = {
  readonly do: "renew";
  readonly attemptsMax: number;
  readonly isForced: boolean;
};
type Wait = { readonly do: "wait"; readonly untilMs: number };
/**
 * - `failed`: the last renewal failed and isn't retried yet
 * - `used_up`: no attempt is left in these ten minutes
 * - `too_soon`: a renewal was forced shortly before
 */
type Refuse =
  | { readonly do: "refuse"; readonly because: "disabled" | "failed" }
  | { readonly do: "refuse"; readonly because: "used_up" | "too_soon"; readonly untilMs: number };

export type RenewalDecision =
  | Use
  | Renew
  | Wait
  /** Not due before `untilMs`; `null` for no automatic renewal. */
  | { readonly do: "leave"; readonly untilMs: number | null }
  | Refuse;

export const obtainedAtMs = ({ obtainedAt }: Pick<TokenRow, "obtainedAt">): number =>
  obtainedAt?.getTime() ?? 0;

const isAhead = (at: Date, nowMs: number): boolean => at.getTime() > nowMs;

function liveToken(row: TokenRow, nowMs: number): StoredToken | null {
  const { token, expiresAt, version } = row;
  if (!token || !expiresAt || expiresAt.getTime() <= nowMs) return null;
  return {
    token,
    expiresAt,
    version,
    stringVersion: row.stringVersion ?? version,
    changedAt: row.changedAt ?? expiresAt,
    freshUntilMs: leaseFreshUntilMs({ ...row, expiresAt }, nowMs),
  };
}

export function planRenewal(row: TokenRow, purpose: TokenPurpose, nowMs: number): RenewalDecision {
  if (row.appState === "disabled") return { do: "refuse", because: "disabled" };
  if (purpose.for === "schedule") return planScheduled(row, nowMs);
  const stored = liveToken(row, nowMs);
  if (stored && isGoodFor(row, stored, purpose, nowMs)) return { do: "use", ...stored };
  // Until the retry, every reader gets the stored failure. Without a retry, only a person can end it.
  if (row.lastErrorAt && (row.renewAt === null || isAhead(row.renewAt, nowMs))) {
    return { do: "refuse", because: "failed" };
  }
  // Ignores `notExtendedUntil`: a token that died early has a successor before its stated expiry.
  const isForced = purpose.for === "forced" && stored !== null;
  return renewOrWait(row, nowMs, { isForced, attemptsMax: attemptsMaxOf(row, purpose, isForced) });
}

function attemptsMaxOf(row: TokenRow, purpose: TokenPurpose, isForced: boolean): number {
  const { all, forced } = attemptLimits(row);
  return isForced || purpose.for === "replacement" ? forced : all;
}

function isGoodFor(row: TokenRow, stored: StoredToken, purpose: TokenPurpose, nowMs: number): boolean {
  switch (purpose.for) {
    case "lease":
      return stored.freshUntilMs > nowMs;
    case "replacement":
      return stored.token.reveal() !== purpose.dead.reveal() || wasReturnedAgain(row, purpose.seenAtMs);
    case "forced":
      return stored.version !== purpose.version || wasReturnedAgain(row, purpose.seenAtMs);
    default:
      return true;
  }
}

/** A reported token is used again only if DingTalk has returned it since the report. */
const wasReturnedAgain = (row: TokenRow, seenAtMs: number | undefined): boolean =>
  seenAtMs !== undefined && obtainedAtMs(row) !== seenAtMs;

function planScheduled(row: TokenRow, nowMs: number): RenewalDecision {
  const { renewAt, notExtendedUntil } = row;
  if (renewAt === null) return { do: "leave", untilMs: null };
  const dueMs = Math.max(renewAt.getTime(), notExtendedUntil?.getTime() ?? 0);
  if (dueMs > nowMs) return { do: "leave", untilMs: dueMs };
  return renewOrWait(row, nowMs, { isForced: false, attemptsMax: attemptLimits(row).all });
}

function renewOrWait(
  { renewingUntil, attemptedAt, forceAfter }: TokenRow,
  nowMs: number,
  { isForced, attemptsMax }: Omit<Renew, "do">,
): RenewalDecision {
  if (renewingUntil && isAhead(renewingUntil, nowMs)) return { do: "wait", untilMs: renewingUntil.getTime() };
  if (isForced && forceAfter && isAhead(forceAfter, nowMs)) {
    return { do: "refuse", because: "too_soon", untilMs: forceAfter.getTime() };
  }
  const untilMs = nextAllowedMs(attemptedAt, nowMs, attemptsMax);
  return untilMs > nowMs
    ? { do: "refuse", because: "used_up", untilMs }
    : { do: "renew", attemptsMax, isForced };
}
