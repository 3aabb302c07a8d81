import type { DingtalkErrorKind } from "./error-kinds";

/** `auto`: retried with pauses. `once`: after a token renewal, or repeated once. `no`: a person has to act. */
export type DingtalkRetry = "auto" | "once" | "no";

const RETRY_BY_KIND: Readonly<Record<DingtalkErrorKind, DingtalkRetry>> = {
  credentials_refused: "no",
  client_refused: "no",
  organization_unauthorized: "no",
  corp_id_wrong: "no",
  token_dead: "once",
  corp_mismatch: "once",
  token_refused_again: "no",
  same_token_insisted: "auto",
  renewals_used_up: "auto",
  malformed_request: "no",
  needs_authorization: "no",
  missing_permission: "no",
  department_out_of_scope: "auto",
  member_out_of_scope: "no",
  ip_not_allowed: "no",
  app_disabled: "no",
  corp_disabled: "no",
  api_disabled: "no",
  department_gone: "auto",
  member_gone: "no",
  department_members_unreadable: "once",
  throttled: "auto",
  quota_used_up: "no",
  ip_banned: "auto",
  temporary_fault: "auto",
  host_unresolved: "auto",
  unreachable: "auto",
  timeout: "auto",
  tls_failed: "no",
  not_dingtalk: "auto",
  wrong_host: "no",
  too_large: "no",
  signature_refused: "no",
  suite_ticket_stale: "auto",
  suite_credentials_refused: "no",
  authorization_withdrawn: "no",
  callback_check_failed: "no",
  unknown_code: "no",
};

export const retryOf = (kind: DingtalkErrorKind): DingtalkRetry => RETRY_BY_KIND[kind];

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

/** After these a call is repeated once with a renewed token. */
export const DEAD_TOKEN: ReadonlySet<DingtalkErrorKind> = new Set<DingtalkErrorKind>([
  "token_dead",
  "corp_mismatch",
]);

type FailedCall = { readonly kind: DingtalkErrorKind; readonly retryAfterMs: number | null };

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
export function waitBeforeRepeatMs(error: FailedCall, { tries, random }: Repeat): number | null {
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
