import type { Denial } from "../gateway/check-access";

/**
 * A refusal of an endpoint on the oapi host, with DingTalk's code.
 *
 * @see docs/dingtalk/errors.md#codes-of-the-oapi-host
 */
export class OapiRefusal extends Error {
  override readonly name = "OapiRefusal";
  readonly errcode: number;

  constructor(errcode: number, errmsg: string) {
    super(errmsg);
    this.errcode = errcode;
  }
}

/**
 * A refusal of the gateway. On topapi it is wrapped in code 88, unlike a refusal of an endpoint.
 *
 * @see docs/dingtalk/errors.md#error-forms
 */
export class GatewayRefusal extends OapiRefusal {}

export const departmentNotFound = () => new OapiRefusal(60003, "部门不存在");
export const departmentOutOfScope = () => new OapiRefusal(50004, "请求的部门id不在授权范围内");
export const personNotFound = () => new OapiRefusal(60121, "找不到该用户");

const PERMISSION_URL = "https://open.dingtalk.com/document/orgapp-server/add-api-permission";
const FAQ_URL = "https://open.dingtalk.com/document/org-faq/app-faq";

/** Converts a denial to the oapi host's format. */
export function refusalOf(denial: Denial): OapiRefusal {
  switch (denial.reason) {
    case "token_missing":
      return denial.settings.edgeCodes === "captured"
        ? blankToken()
        : new OapiRefusal(41001, "缺少access_token参数");
    case "token_elsewhere":
      return denial.settings.edgeCodes === "captured" && denial.place === "header"
        ? blankToken()
        : illegalToken();
    case "token_unknown":
      return illegalToken();
    case "token_expired":
      return denial.settings.expiredTokenCode === 42001
        ? new OapiRefusal(42001, "access_token已超时")
        : illegalToken();
    case "app_disabled":
      return new OapiRefusal(50003, "应用已停用");
    case "corp_disabled":
      return new OapiRefusal(50005, "企业已被禁用");
    case "corp_dissolved":
      return new OapiRefusal(70001, "企业不存在或者已经被解散");
    case "corp_unknown":
      return new OapiRefusal(33001, "无效的企业ID");
    case "unauthorized":
      return new OapiRefusal(41030, "企业未对该套件授权");
    case "ip":
      return new OapiRefusal(60020, ipText(denial));
    case "permission":
      return new OapiRefusal(
        60011,
        `没有调用该接口的权限，接口权限申请参考：${PERMISSION_URL}，应用尚未开通所需的权限：[${denial.permission}]`,
      );
    case "throttled":
      return new OapiRefusal(
        denial.isSuite ? 90019 : 90018,
        `您的应用调用该接口的频率超过限制，每秒不能超过 ${denial.perSecond} 次`,
      );
    case "month":
      return new OapiRefusal(90020, "企业本月接口调用次数已用完");
  }
}

/**
 * Formats DingTalk's error with the caller's address and the app's key, which tell an administrator what to add where.
 */
export const ipText = ({ ip, appKey }: { ip: string; appKey: string }): string =>
  `访问ip不在白名单之中，请参考FAQ：${FAQ_URL},request ip=${ip} appKey(${appKey})`;

const illegalToken = () => new OapiRefusal(40014, "不合法的access_token");
const blankToken = () => new OapiRefusal(40000, "access_token is blank");

export function unknownPath(path: string): OapiRefusal {
  if (!path.startsWith("topapi/")) return new OapiRefusal(404, "请求的URI地址不存在");
  return new OapiRefusal(22, `不合法ApiName，ApiName = dingtalk.oapi.${path.slice(7).replaceAll("/", ".")}`);
}

/** Formats a refusal as the members of an answer. */
export function refusalFields(refusal: OapiRefusal, isTopapi: boolean): Record<string, unknown> {
  const { errcode, message } = refusal;
  if (errcode === 22) return { errcode, sub_msg: message, errmsg: `Invalid method[submsg=${message}]` };
  if (!isTopapi || !(refusal instanceof GatewayRefusal)) return { errcode, errmsg: message };
  return {
    errcode: 88,
    sub_code: String(errcode),
    sub_msg: message,
    errmsg: `ding talk error[subcode=${errcode},submsg=${message}]`,
  };
}
