import type { Redacted } from "@/lib/redacted";
import type { TokenRow } from "../store/stored-token";
import { type HeldToken, heldOf } from "./lease-policy";
import { attemptLimits, nextAllowedMs } from "./renewal-policy";

/**
 * What a token is wanted for. Where `seenAtMs` is given, it says when DingTalk had given out what the row held
 * when it was first read; 0 for nothing.
 */
export type Need =
  /** A call is to be made: any token that lives will do. */
  | { readonly for: "call" }
  /** Somebody reads it to use it for a while. */
  | { readonly for: "lease" }
  /** A call was refused because of `dead`. */
  | { readonly for: "replacement"; readonly dead: Redacted; readonly seenAtMs?: number }
  /** A reader says that DingTalk refused the token of this version. */
  | { readonly for: "forced"; readonly version: number; readonly seenAtMs?: number }
  /** Its time has come, and nobody waits. */
  | { readonly for: "schedule" };

type Use = { readonly do: "use" } & HeldToken;
type Renew = {
  readonly do: "renew";
  readonly attemptsMax: number;
  /** A reader wants it, although nothing else does. */
  readonly isForced: boolean;
};
/** Somebody else renews. */
type Wait = { readonly do: "wait"; readonly untilMs: number };
/**
 * `failed`: the stored error stands · `used_up`: all attempts of ten minutes were made · `held_back`: the last
 * forced renewal was a moment ago
 */
type Refuse =
  | { readonly do: "refuse"; readonly because: "disabled" | "failed" }
  | { readonly do: "refuse"; readonly because: "used_up" | "held_back"; readonly untilMs: number };

export type Decision =
  | Use
  | Renew
  | Wait
  /** Not due before then; `null`: not by itself. */
  | { readonly do: "leave"; readonly untilMs: number | null }
  | Refuse;

export const obtainedAtMs = ({ obtainedAt }: Pick<TokenRow, "obtainedAt">): number =>
  obtainedAt?.getTime() ?? 0;

const isAhead = (at: Date, nowMs: number): boolean => at.getTime() > nowMs;

/** What to do about an app's token, given what is stored of it. */
export function decide(row: TokenRow, need: Need, nowMs: number): Decision {
  if (row.appState === "disabled") return { do: "refuse", because: "disabled" };
  if (need.for === "schedule") return decideSchedule(row, nowMs);
  const held = heldOf(row, nowMs);
  if (held && isGoodFor(row, held, need, nowMs)) return { do: "use", ...held };
  // After a failure everybody gets that failure until its pause is over; after one that only a person can
  // mend there is no next time.
  if (row.lastErrorAt && (row.renewAt === null || isAhead(row.renewAt, nowMs))) {
    return { do: "refuse", because: "failed" };
  }
  // Not held back by `notExtendedUntil`: a token that died early has a successor, whatever its expiry was.
  const isForced = need.for === "forced" && held !== null;
  return renewOrWait(row, nowMs, { isForced, attemptsMax: attemptsMaxOf(row, need, isForced) });
}

function attemptsMaxOf(row: TokenRow, need: Need, isForced: boolean): number {
  const { all, forced } = attemptLimits(row);
  return isForced || need.for === "replacement" ? forced : all;
}

/** Whether a token that lives is what is needed. */
function isGoodFor(row: TokenRow, held: HeldToken, need: Need, nowMs: number): boolean {
  switch (need.for) {
    case "lease":
      return held.goodUntilMs > nowMs;
    case "replacement":
      return held.token.reveal() !== need.dead.reveal() || wasGivenAgain(row, need.seenAtMs);
    case "forced":
      return held.version !== need.version || wasGivenAgain(row, need.seenAtMs);
    default:
      return true;
  }
}

/** A dead token is good for nobody, unless DingTalk has given it out once more since it was reported. */
const wasGivenAgain = (row: TokenRow, seenAtMs: number | undefined): boolean =>
  seenAtMs !== undefined && obtainedAtMs(row) !== seenAtMs;

function decideSchedule(row: TokenRow, nowMs: number): Decision {
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
): Decision {
  if (renewingUntil && isAhead(renewingUntil, nowMs)) return { do: "wait", untilMs: renewingUntil.getTime() };
  if (isForced && forceAfter && isAhead(forceAfter, nowMs)) {
    return { do: "refuse", because: "held_back", untilMs: forceAfter.getTime() };
  }
  const untilMs = nextAllowedMs(attemptedAt, nowMs, attemptsMax);
  return untilMs > nowMs
    ? { do: "refuse", because: "used_up", untilMs }
    : { do: "renew", attemptsMax, isForced };
}
