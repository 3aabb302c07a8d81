import type { Redacted } from "@/lib/redacted";
import { ATTEMPTS_FORCED_MAX, ATTEMPTS_MAX, nextAllowedMs } from "./renewal-policy";
import type { TokenRow } from "./token-row";

/** What a token is wanted for. */
export type Need =
  /** A call is to be made. */
  | { readonly for: "call" }
  /**
   * A call was refused because of `dead`. Once the row was read, `seenAtMs` says when DingTalk had given out
   * what it held then; 0 for nothing.
   */
  | { readonly for: "replacement"; readonly dead: Redacted; readonly seenAtMs?: number }
  /** Its time has come, and nobody waits. */
  | { readonly for: "schedule" };

export type Decision =
  | { readonly do: "use"; readonly token: Redacted; readonly expiresAt: Date }
  | { readonly do: "renew"; readonly attemptsMax: number }
  /** Somebody else renews. */
  | { readonly do: "wait"; readonly untilMs: number }
  /** Not due before then; `null`: not by itself. */
  | { readonly do: "leave"; readonly untilMs: number | null }
  /** `failed`: the stored error stands · `used_up`: six attempts in ten minutes */
  | { readonly do: "refuse"; readonly because: "disabled" | "failed" }
  | { readonly do: "refuse"; readonly because: "used_up"; readonly untilMs: number };

export const obtainedAtMs = ({ obtainedAt }: Pick<TokenRow, "obtainedAt">): number =>
  obtainedAt?.getTime() ?? 0;

const isAhead = (at: Date | null, nowMs: number): boolean => at !== null && at.getTime() > nowMs;

/** What to do about an app's token, given what is stored of it. */
export function decide(row: TokenRow, need: Need, nowMs: number): Decision {
  if (row.appState === "disabled") return { do: "refuse", because: "disabled" };
  if (need.for === "schedule") return decideSchedule(row, nowMs);
  const { token, expiresAt } = row;
  if (token && expiresAt && isAhead(expiresAt, nowMs) && isGoodFor(row, token, need)) {
    return { do: "use", token, expiresAt };
  }
  // After a failure everybody gets that failure until its pause is over; after one that only a person can
  // mend there is no next time.
  if (row.lastErrorAt && (row.renewAt === null || isAhead(row.renewAt, nowMs))) {
    return { do: "refuse", because: "failed" };
  }
  // Not held back by `notExtendedUntil`: a token that died early has a successor, whatever its expiry was.
  return renewOrWait(row, nowMs, need.for === "replacement" ? ATTEMPTS_FORCED_MAX : ATTEMPTS_MAX);
}

/** A dead token is good for nobody, unless DingTalk has given it out once more since it was reported. */
function isGoodFor(row: TokenRow, token: Redacted, need: Need): boolean {
  if (need.for !== "replacement") return true;
  if (token.reveal() !== need.dead.reveal()) return true;
  return need.seenAtMs !== undefined && obtainedAtMs(row) !== need.seenAtMs;
}

function decideSchedule(row: TokenRow, nowMs: number): Decision {
  const { renewAt, notExtendedUntil } = row;
  if (renewAt === null) return { do: "leave", untilMs: null };
  const dueMs = Math.max(renewAt.getTime(), notExtendedUntil?.getTime() ?? 0);
  return dueMs > nowMs ? { do: "leave", untilMs: dueMs } : renewOrWait(row, nowMs, ATTEMPTS_MAX);
}

function renewOrWait({ renewingUntil, attemptedAt }: TokenRow, nowMs: number, attemptsMax: number): Decision {
  if (renewingUntil && isAhead(renewingUntil, nowMs)) return { do: "wait", untilMs: renewingUntil.getTime() };
  const untilMs = nextAllowedMs(attemptedAt, nowMs, attemptsMax);
  return untilMs > nowMs ? { do: "refuse", because: "used_up", untilMs } : { do: "renew", attemptsMax };
}
