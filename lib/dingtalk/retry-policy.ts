import type { DingtalkErrorKind } from "./error-kinds";
import type { DingtalkError } from "./errors";

/** Repeated, because Dingkeep's calls only read. */
const FAULTS: ReadonlySet<DingtalkErrorKind> = new Set<DingtalkErrorKind>([
  "temporary_fault",
  "host_unresolved",
  "unreachable",
  "timeout",
  "not_dingtalk",
]);

const TRIES_MAX = { fault: 3, throttle: 5, once: 2 } as const;
const FAULT_BASE_MS = 500;
const FAULT_CAP_MS = 5_000;
const THROTTLE_BASE_MS = 1_000;
const THROTTLE_CAP_MS = 60_000;
/** Spreads callers that were throttled together over a quarter of their pause. */
const THROTTLE_JITTER = 0.25;

/** A job's call fails when it meets a ban for the third time. */
export const BANS_MAX = 3;
/** Longest wait of a job's call for the end of a ban. */
export const BAN_WAIT_MS_MAX = 20 * 60_000;
/** After these a call is repeated once with a renewed token. */
export const DEAD_TOKEN: ReadonlySet<DingtalkErrorKind> = new Set<DingtalkErrorKind>([
  "token_dead",
  "corp_mismatch",
]);

export type Repeat = {
  /** Tries so far, at least 1; the repeat with a renewed token does not count. */
  readonly tries: number;
  readonly random: number;
};

/**
 * Returns the pause before a failed call is repeated, in milliseconds; `null` if it is not repeated. The caller
 * retries some `auto` kinds later, such as a ban.
 * @see docs/dingtalk/errors.md#throttling-codes
 */
export function waitBeforeRepeatMs(error: DingtalkError, { tries, random }: Repeat): number | null {
  const asked = error.retryAfterMs ?? 0;
  if (error.kind === "throttled") {
    if (tries >= TRIES_MAX.throttle) return null;
    const backOff = Math.min(THROTTLE_CAP_MS, THROTTLE_BASE_MS * 2 ** (tries - 1));
    return Math.max(asked, backOff) * (1 + random * THROTTLE_JITTER);
  }
  const isFault = FAULTS.has(error.kind);
  if (!isFault && error.kind !== "department_members_unreadable") return null;
  if (tries >= (isFault ? TRIES_MAX.fault : TRIES_MAX.once)) return null;
  return Math.max(asked, random * Math.min(FAULT_CAP_MS, FAULT_BASE_MS * 2 ** (tries - 1)));
}
