import type { DingtalkErrorKind } from "./error-kinds";
import type { DingtalkError } from "./errors";

/** Faults of the way or of a moment: every call of ours only reads, so it may be repeated. */
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
/** Callers that were throttled together come back spread over a quarter of their pause. */
const THROTTLE_JITTER = 0.25;

export type Repeat = {
  /** How often the call was sent so far, 1 or more; the repeat after a renewed token does not count. */
  readonly tries: number;
  /** 0 up to 1, anew for each pause. */
  readonly random: number;
};

/**
 * The pause before a failed call is sent again within the same call, in milliseconds; `null` when it is not.
 *
 * A kind whose `retry` is `auto` is not always repeated here: a ban, a withdrawn scope or a vanished
 * department waits for the caller's next round.
 *
 * @see docs/dingtalk/errors.md#codes-of-the-oapi-host
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
