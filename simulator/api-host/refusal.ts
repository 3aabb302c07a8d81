import type { Denial } from "../gateway/check-access";
import { ipText } from "../oapi/refusal";

/**
 * A refusal of an endpoint on the api host: HTTP status and code.
 *
 * @see docs/dingtalk/errors.md#codes-of-the-api-host
 */
export class ApiRefusal extends Error {
  override readonly name = "ApiRefusal";
  readonly status: number;
  readonly code: string;
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(status: number, code: string, message: string, fields: Record<string, unknown> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.fields = fields;
  }
}

const PERMISSION_URL = "https://open.dingtalk.com/document/orgapp-server/add-api-permission";

/** Converts a denial to the api host's format. */
export function refusalOf(denial: Denial): ApiRefusal {
  switch (denial.reason) {
    case "token_missing":
    case "token_elsewhere":
      return denial.settings.edgeCodes === "captured"
        ? new ApiRefusal(
            400,
            "AuthenticationFailed.MissingParameter",
            "缺少参数：x-acs-dingtalk-access-token",
          )
        : new ApiRefusal(401, "Unauthorized", "缺少参数：x-acs-dingtalk-access-token");
    case "token_unknown":
    case "token_expired":
      return new ApiRefusal(400, "InvalidAuthentication", "不合法的access_token");
    case "app_disabled":
      return new ApiRefusal(400, "InvalidAuthentication", "应用已停用");
    case "corp_disabled":
    case "corp_dissolved":
    case "corp_unknown":
      return new ApiRefusal(400, "InvalidAuthentication", "企业不可用");
    case "unauthorized":
      return new ApiRefusal(400, "invalidAuthInfo", "企业未授权该应用");
    case "ip":
      return new ApiRefusal(403, "Forbidden.AccessDenied.IpNotInWhiteList", ipText(denial));
    case "permission":
      return permissionDenied([denial.permission]);
    case "throttled":
      return new ApiRefusal(
        403,
        `Forbidden.AccessDenied.${denial.isSuite ? "QpsLimitForSuitekeyAndOrgAndApi" : "QpsLimitForAppkeyAndApi"}`,
        `应用调用该接口的频率超过限制，每秒不能超过 ${denial.perSecond} 次`,
      );
    case "month":
      return new ApiRefusal(403, "Forbidden.AccessDenied.ApiCountLimitForOrg", "企业本月接口调用次数已用完");
  }
}

export const permissionDenied = (requiredScopes: string[]): ApiRefusal =>
  new ApiRefusal(
    403,
    "Forbidden.AccessDenied.AccessTokenPermissionDenied",
    `没有调用该接口的权限，接口权限申请参考：${PERMISSION_URL}`,
    { accessdenieddetail: { requiredScopes } },
  );
