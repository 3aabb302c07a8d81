import { createHmac } from "node:crypto";
import type { App } from "../control-input";
import { isIpAllowed, standingOf } from "../gateway/check-access";
import { bodyFields, type SimulatorRequest } from "../gateway/read-request";
import { lifetimeField } from "../gateway/token-store";
import { settingsOf } from "../settings";
import { isOfOrganization, type World } from "../world";
import { OapiRefusal, refusalOf } from "./refusal";

const SKEW_MS_MAX = 60_000;

/**
 * Answers `POST service/get_corp_token` for a third-party app. The query is signed, and the body names the customer.
 *
 * @throws {OapiRefusal} 853001 timestamp, 853002 clock more than a minute off, 853003 SuiteKey, 853004 signature,
 *   853005 suite ticket, 40079 not authorized, 50003, 50005, 70001
 * @see docs/dingtalk/third-party-apps.md#post-serviceget_corp_token
 */
export function getCorpToken(world: World, request: SimulatorRequest): Record<string, unknown> {
  const app = requireSigned(world, request.query);
  const corpId = bodyFields(request.body).get("auth_corpid");
  const organization = typeof corpId === "string" ? world.organizations.get(corpId) : undefined;
  if (!organization || !isOfOrganization(app, organization.corpId)) throw notAuthorized();
  const denial = standingOf(app, organization);
  if (denial) throw denial.reason === "unauthorized" ? notAuthorized() : refusalOf(denial);
  const settings = settingsOf(world, app);
  if (settings.ipCheckedOn === "tokens_too" && !isIpAllowed(request.callerIp, app.ipAllowList)) {
    throw refusalOf({ reason: "ip", ip: request.callerIp, appKey: app.appKey });
  }
  const { value, lifetimeSeconds } = world.tokens.issue({
    app,
    corpId: organization.corpId,
    settings,
    endpoint: "legacySuiteToken",
    now: world.clock.now(),
  });
  return { access_token: value, ...lifetimeField(settings, "expires_in", lifetimeSeconds) };
}

/** Returns the app whose secret signed the query. */
function requireSigned(world: World, query: URLSearchParams): App {
  const timestamp = query.get("timestamp") ?? "";
  if (!/^\d{13}$/.test(timestamp)) throw new OapiRefusal(853001, "时间戳格式不正确");
  if (Math.abs(Number(timestamp) - world.clock.now()) > SKEW_MS_MAX) {
    throw new OapiRefusal(853002, "时间戳与服务器时间相差超过1分钟");
  }
  const app = world.apps.get(query.get("accessKey") ?? "");
  if (app?.kind !== "isv") throw new OapiRefusal(853003, "不合法的accessKey");
  const ticket = query.get("suiteTicket") ?? "";
  const signed = createHmac("sha256", app.appSecret).update(`${timestamp}\n${ticket}`).digest("base64");
  if (query.get("signature") !== signed) throw new OapiRefusal(853004, "签名不匹配");
  if (ticket !== app.suiteTicket) throw new OapiRefusal(853005, "suiteTicket无效");
  return app;
}

const notAuthorized = () => new OapiRefusal(40079, "企业未授权该套件");
