import type { DingtalkErrorKind, DingtalkThrottleScope } from "./error-kinds";

export type Verdict = {
  readonly kind: DingtalkErrorKind;
  /** For `throttled` only. */
  readonly scope?: DingtalkThrottleScope;
  /** For `throttled` and `ip_banned`: the minimum pause, in milliseconds. */
  readonly waitMs?: number;
};

export type CodeContext = {
  readonly status: number;
  /** In a token request, 40001 means a wrong secret; in any other call, a dead token. */
  readonly isTokenCall: boolean;
};

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;

/** Codes by kind. Codes of the new host are in their documented spelling. */
const CODES_BY_KIND: Partial<Record<DingtalkErrorKind, readonly string[]>> = {
  // 40096 for an unknown AppKey, 40000 and MissingParameter for no token: seen in captured answers, not documented
  credentials_refused: words(
    "40089 40096 authFailed invalidClientIdOrSecret invalidParameter.idOrSecret.notFound",
  ),
  client_refused: words("invalid.client"),
  organization_unauthorized: words("unauthorized.client"),
  corp_id_wrong: words("40013"),
  // 40082 and 48003 mention a suite token, but can refuse any token
  token_dead: words("40001 40014 42001 40082 48003 InvalidAuthentication"),
  corp_mismatch: words("33001"),
  malformed_request: words(
    "22 40000 40035 400002 41001 43001 43002 43003 43004 43005 43009 unsupported.grant.type Unauthorized AuthenticationFailed.MissingParameter InvalidAction.NotFound",
  ),
  needs_authorization: words("43007"),
  missing_permission: words("60011 AccessTokenPermissionDenied"),
  department_out_of_scope: words("50004"),
  member_out_of_scope: words("50002"),
  ip_not_allowed: words("60020 IpNotInWhiteList"),
  app_disabled: words("50003"),
  corp_disabled: words("50005 70001"),
  api_disabled: words("48002"),
  department_gone: words("60003"),
  member_gone: words("33012 60111 60121 invalidParameter.user.notFound"),
  department_members_unreadable: words("60019"),
  quota_used_up: words("90020"),
  temporary_fault: words("-1 15 systemBusy systemError server.error"),
  signature_refused: words("853001 853002 853003 853004"),
  suite_ticket_stale: words("40085 853005 invalidSuiteTicket"),
  suite_credentials_refused: words("40083 40088 40090 invalidSuiteKey"),
  authorization_withdrawn: words("40079 41030 48004 invalidAuthInfo"),
  callback_check_failed: words(
    "71006 71007 71008 71009 71010 71011 71012 71013 900004 900005 900006 900007 900008 900009 900010",
  ),
};

/** Throttling codes of the older host. Only 90018 to 90020 have a source besides the documentation's table. */
const THROTTLES: ReadonlyMap<string, readonly [DingtalkThrottleScope, number]> = new Map([
  ["45009", ["unspecified", SECOND_MS]],
  ["90001", ["server", MINUTE_MS]],
  ["90002", ["api", SECOND_MS]],
  ["90003", ["corp", SECOND_MS]],
  ["90004", ["app", SECOND_MS]],
  ["90005", ["corp_api", SECOND_MS]],
  ["90006", ["app_api", SECOND_MS]],
  ["90007", ["app_corp", SECOND_MS]],
  ["90008", ["app_corp_api", SECOND_MS]],
  ["90009", ["app", SECOND_MS]],
  ["90010", ["app_api", SECOND_MS]],
  ["90011", ["app", SECOND_MS]],
  ["90012", ["app_api", SECOND_MS]],
  ["90013", ["app_corp", SECOND_MS]],
  ["90014", ["app_corp_api", SECOND_MS]],
  ["90017", ["ip_corps", MINUTE_MS]],
  ["90018", ["app_api_second", SECOND_MS]],
  ["90019", ["app_api_second", SECOND_MS]],
]);

/** Throttling codes of the new host: the part after `QpsLimitFor` or `QpmLimitFor`, as `spellingOf` writes it. */
const SCOPE_BY_SUFFIX: ReadonlyMap<string, DingtalkThrottleScope> = new Map([
  ["api", "api"],
  ["org", "corp"],
  ["organdapi", "corp_api"],
  ["appkey", "app"],
  ["appkeyandapi", "app_api"],
  ["suitekeyandorg", "app_corp"],
  ["suitekeyandorgandapi", "app_corp_api"],
]);

const KIND_BY_CODE = new Map(
  Object.entries(CODES_BY_KIND).flatMap(([kind, codes]) =>
    codes.map((code) => [spellingOf(code), kind as DingtalkErrorKind] as const),
  ),
);

/**
 * Classifies an `errcode`, `sub_code` or `code`. Ignores case and dots: DingTalk's pages spell codes differently.
 * @see docs/dingtalk/errors.md#codes-of-the-oapi-host
 * @see docs/dingtalk/errors.md#throttling-codes
 * @see docs/dingtalk/errors.md#codes-of-the-api-host
 */
export function classifyCode(code: string, { status, isTokenCall }: CodeContext): Verdict {
  const spelling = spellingOf(code);
  if (isTokenCall && spelling === "40001") return { kind: "credentials_refused" };
  if (spelling === "systembusy" && status === 429) return busyApi();

  const throttle = THROTTLES.get(spelling) ?? newHostThrottle(spelling);
  if (throttle) return { kind: "throttled", scope: throttle[0], waitMs: throttle[1] };

  const kind = KIND_BY_CODE.get(spelling) ?? kindByPrefix(spelling);
  return kind ? { kind } : classifyStatus(status);
}

export function classifyStatus(status: number): Verdict {
  if (status === 429) return busyApi();
  return { kind: status >= 500 ? "temporary_fault" : "unknown_code" };
}

const busyApi = (): Verdict => ({ kind: "throttled", scope: "api", waitMs: SECOND_MS });

function words(text: string): readonly string[] {
  return text.split(" ");
}

export function spellingOf(code: string): string {
  return code
    .toLowerCase()
    .replaceAll(".", "")
    .replace(/^forbiddenaccessdenied/, "");
}

function newHostThrottle(spelling: string): readonly [DingtalkThrottleScope, number] | null {
  const [, window, suffix = ""] = /^qp([sm])(?:limitfor)?(.*)$/.exec(spelling) ?? [];
  if (!window) return null;
  const scope = SCOPE_BY_SUFFIX.get(suffix) ?? "unspecified";
  if (window === "m") return [scope === "api" ? "api_minute" : scope, MINUTE_MS];
  return [scope === "app_api" || scope === "app_corp_api" ? "app_api_second" : scope, SECOND_MS];
}

function kindByPrefix(spelling: string): DingtalkErrorKind | null {
  if (spelling.startsWith("apicount")) return "quota_used_up";
  if (spelling.startsWith("isp")) return "temporary_fault";
  if (spelling.startsWith("missing") || spelling.startsWith("invalidparameter")) return "malformed_request";
  return null;
}
