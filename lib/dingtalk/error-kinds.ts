export const DINGTALK_ERROR_KINDS = [
  // Credentials and permissions
  "credentials_refused",
  "client_refused",
  "organization_unauthorized",
  "corp_id_wrong",
  "token_dead",
  "corp_mismatch",
  "token_refused_again",
  "same_token_insisted",
  "renewals_used_up",
  "malformed_request",
  "needs_authorization",
  "missing_permission",
  "department_out_of_scope",
  "member_out_of_scope",
  "ip_not_allowed",
  "app_disabled",
  "corp_disabled",
  "api_disabled",
  // Directory content
  "department_gone",
  "member_gone",
  "department_members_unreadable",
  // Limits
  "throttled",
  "quota_used_up",
  "ip_banned",
  // Network
  "temporary_fault",
  "host_unresolved",
  "unreachable",
  "timeout",
  "tls_failed",
  "not_dingtalk",
  "wrong_host",
  "too_large",
  // Third-party apps and callbacks
  "signature_refused",
  "suite_ticket_stale",
  "suite_credentials_refused",
  "authorization_withdrawn",
  "callback_check_failed",
  "unknown_code",
] as const;

export type DingtalkErrorKind = (typeof DINGTALK_ERROR_KINDS)[number];

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
