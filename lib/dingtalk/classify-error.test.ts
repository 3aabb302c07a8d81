import { describe, expect, test } from "vitest";
import { classifyCode, classifyStatus } from "./classify-error";
import type { DingtalkErrorKind, DingtalkThrottleScope } from "./error-kinds";
import { type DingtalkRetry, retryOf } from "./retry-policy";

const onCall = { status: 200, isTokenCall: false };
const onTokenCall = { status: 200, isTokenCall: true };

type Row = [codes: string[], kind: DingtalkErrorKind, retry: DingtalkRetry];

/** Codes of docs/dingtalk/errors.md about tokens and departments. */
const OLD_HOST: Row[] = [
  [["-1", "15", "isp.-1", "isp.top-remote-connection-timeout"], "temporary_fault", "auto"],
  [["22", "40000", "400002", "40035", "41001"], "malformed_request", "no"],
  [["43001", "43002", "43003", "43004", "43005", "43009"], "malformed_request", "no"],
  [["43007"], "needs_authorization", "no"],
  [["33001"], "corp_mismatch", "once"],
  [["40001", "40014", "42001", "40082", "48003"], "token_dead", "once"],
  [["40013"], "corp_id_wrong", "no"],
  [["40089", "40096"], "credentials_refused", "no"],
  [["40079", "41030", "48004"], "authorization_withdrawn", "no"],
  [["40083", "40088", "40090"], "suite_credentials_refused", "no"],
  [["40085", "853005"], "suite_ticket_stale", "auto"],
  [["853001", "853002", "853003", "853004"], "signature_refused", "no"],
  [["48002"], "api_disabled", "no"],
  [["50002"], "member_out_of_scope", "no"],
  [["50003"], "app_disabled", "no"],
  [["50004"], "department_out_of_scope", "auto"],
  [["50005", "70001"], "corp_disabled", "no"],
  [["60003"], "department_gone", "auto"],
  [["60011"], "missing_permission", "no"],
  [["60019"], "department_members_unreadable", "once"],
  [["60020"], "ip_not_allowed", "no"],
  [["33012", "60111", "60121"], "member_gone", "no"],
  [["90020"], "quota_used_up", "no"],
  [["71009", "71012", "71013", "900004", "900005", "900008", "900010"], "callback_check_failed", "no"],
  [["60021", "123456", ""], "unknown_code", "no"],
];

/** Reference 9.4, with the statuses that it gives. */
const NEW_HOST: [status: number, codes: string[], kind: DingtalkErrorKind][] = [
  [400, ["InvalidAuthentication", "invalidauthentication", "Invalid.Authentication"], "token_dead"],
  [400, ["invalidClientIdOrSecret", "InvalidClientIdOrSecret"], "credentials_refused"],
  [400, ["invalidParameter.idOrSecret.notFound"], "credentials_refused"],
  [400, ["invalid.client", "InvalidClient"], "client_refused"],
  [400, ["unauthorized.client"], "organization_unauthorized"],
  [401, ["unauthorized.client"], "organization_unauthorized"],
  [
    400,
    ["unsupported.grant.type", "Missingbody", "MissingAppKey", "invalidParameter.size"],
    "malformed_request",
  ],
  [404, ["InvalidAction.NotFound"], "malformed_request"],
  [400, ["invalidSuiteKey"], "suite_credentials_refused"],
  [400, ["invalidSuiteTicket"], "suite_ticket_stale"],
  [400, ["invalidAuthInfo"], "authorization_withdrawn"],
  [401, ["Unauthorized"], "malformed_request"],
  [403, ["Forbidden.AccessDenied.AccessTokenPermissionDenied"], "missing_permission"],
  [403, ["Forbidden.AccessDenied.IpNotInWhiteList"], "ip_not_allowed"],
  [403, ["Forbidden.AccessDenied.ApiCountLimitForOrg"], "quota_used_up"],
  [404, ["invalidParameter.user.notFound"], "member_gone"],
  [429, ["system.busy", "systemBusy", "whatever"], "throttled"],
  [500, ["system.busy", "systemBusy", "systemError", "server.error", "whatever", ""], "temporary_fault"],
  [503, ["whatever", ""], "temporary_fault"],
  [504, ["whatever", ""], "temporary_fault"],
  [403, ["Forbidden.Something"], "unknown_code"],
];

/** Reference 9.3: who is held back, and the least pause in milliseconds. */
const THROTTLES: [codes: string[], scope: DingtalkThrottleScope, waitMs: number][] = [
  [["90018", "90019"], "app_api_second", 1_000],
  [["Forbidden.AccessDenied.QpsLimitForAppkeyAndApi"], "app_api_second", 1_000],
  [["Forbidden.AccessDenied.QpsLimitForSuitekeyAndOrgAndApi"], "app_api_second", 1_000],
  [["90002", "Forbidden.AccessDenied.QpsLimitForApi"], "api", 1_000],
  [["90001"], "server", 60_000],
  [["90003"], "corp", 1_000],
  [["90004", "90009", "90011"], "app", 1_000],
  [["90005"], "corp_api", 1_000],
  [["90006", "90010", "90012"], "app_api", 1_000],
  [["90007", "90013"], "app_corp", 1_000],
  [["90008", "90014"], "app_corp_api", 1_000],
  [["90017"], "ip_corps", 60_000],
  [["45009"], "unspecified", 1_000],
  [["Forbidden.AccessDenied.QpsLimitForOrgAndApi"], "corp_api", 1_000],
  [["Forbidden.AccessDenied.QpsLimitForAppkey"], "app", 1_000],
  [["Forbidden.AccessDenied.QpsLimitForSuitekeyAndOrg"], "app_corp", 1_000],
  [["Forbidden.AccessDenied.QpmLimitForAppkeyAndApi"], "app_api", 60_000],
  [["Forbidden.AccessDenied.QpmLimitForApi"], "api_minute", 60_000],
  [["Forbidden.AccessDenied.QpmLimitForOrg"], "corp", 60_000],
  [["Forbidden.AccessDenied.QpmSomethingNew"], "unspecified", 60_000],
];

describe("classifyCode", () => {
  test.each(OLD_HOST)("classifies errcode %j as %s with retry %s", (codes, kind, retry) => {
    for (const code of codes) expect(classifyCode(code, onCall), code).toEqual({ kind });
    expect(retryOf(kind)).toBe(retry);
  });

  test.each(NEW_HOST)(
    "classifies status %i with %j as %s regardless of case and dots",
    (status, codes, kind) => {
      for (const code of codes) {
        expect(classifyCode(code, { status, isTokenCall: false }).kind, code).toBe(kind);
        expect(
          classifyCode(code.toUpperCase().replaceAll(".", ""), { status, isTokenCall: false }).kind,
        ).toBe(kind);
      }
    },
  );

  test.each(THROTTLES)(
    "classifies %j as a throttle of scope %s with a pause of at least %i ms",
    (codes, scope, waitMs) => {
      for (const code of codes) {
        expect(classifyCode(code, onCall), code).toEqual({ kind: "throttled", scope, waitMs });
      }
    },
  );

  test("classifies 40001 as a wrong secret in a token request, and as a dead token in other calls", () => {
    expect(classifyCode("40001", onTokenCall).kind).toBe("credentials_refused");
    expect(classifyCode("40001", onCall).kind).toBe("token_dead");
    expect(classifyCode("90018", onTokenCall).kind, "another code of a token call").toBe("throttled");
  });

  test("classifies a known code by its meaning, also under status 429", () => {
    expect(classifyCode("40014", { status: 429, isTokenCall: false })).toEqual({ kind: "token_dead" });
  });

  test("classifies a busy system as a throttle under status 429 only", () => {
    expect(classifyStatus(429)).toEqual({ kind: "throttled", scope: "api", waitMs: 1_000 });
    expect(classifyStatus(502)).toEqual({ kind: "temporary_fault" });
    expect(classifyStatus(400)).toEqual({ kind: "unknown_code" });
  });

  test.each(["__proto__", "constructor", "toString"])(
    "classifies the property name %s as an unknown code",
    (code) => {
      expect(classifyCode(code, onCall)).toEqual({ kind: "unknown_code" });
    },
  );
});
