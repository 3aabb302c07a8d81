/** `auto`: retried with pauses. `once`: after a token renewal, or repeated once. `no`: a person has to act. */
export type DingtalkRetry = "auto" | "once" | "no";

const RETRY_BY_KIND = {
  // Credentials and permissions
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
  // Directory content
  department_gone: "auto",
  member_gone: "no",
  department_members_unreadable: "once",
  // Limits
  throttled: "auto",
  quota_used_up: "no",
  ip_banned: "auto",
  // Network
  temporary_fault: "auto",
  host_unresolved: "auto",
  unreachable: "auto",
  timeout: "auto",
  tls_failed: "no",
  not_dingtalk: "auto",
  wrong_host: "no",
  too_large: "no",
  // Third-party apps and callbacks
  signature_refused: "no",
  suite_ticket_stale: "auto",
  suite_credentials_refused: "no",
  authorization_withdrawn: "no",
  callback_check_failed: "no",
  unknown_code: "no",
} as const satisfies Record<string, DingtalkRetry>;

export type DingtalkErrorKind = keyof typeof RETRY_BY_KIND;

export const DINGTALK_ERROR_KINDS = Object.keys(RETRY_BY_KIND) as readonly DingtalkErrorKind[];

export const retryOf = (kind: DingtalkErrorKind): DingtalkRetry => RETRY_BY_KIND[kind];

/**
 * `app_api_second` is the usual limit of one app for one API (20 per second). `own_limiter` is Dingkeep's: nothing was
 * sent.
 */
export const DINGTALK_THROTTLE_SCOPES = [
  "app_api_second",
  "api",
  "api_minute",
  "server",
  "ip_corps",
  "corp",
  "corp_api",
  "app",
  "app_api",
  "app_corp",
  "app_corp_api",
  "unspecified",
  "own_limiter",
] as const;

export type DingtalkThrottleScope = (typeof DINGTALK_THROTTLE_SCOPES)[number];

export const NOT_REACHED: ReadonlySet<DingtalkErrorKind> = new Set<DingtalkErrorKind>([
  "host_unresolved",
  "unreachable",
  "timeout",
  "tls_failed",
  "not_dingtalk",
  "wrong_host",
  "too_large",
]);
