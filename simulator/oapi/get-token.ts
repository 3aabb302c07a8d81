import { isIpAllowed, standingOf } from "../gateway/check-access";
import type { SimulatorRequest } from "../gateway/read-request";
import { lifetimeField } from "../gateway/token-store";
import { settingsOf } from "../settings";
import { type World } from "../world";
import { OapiRefusal, refusalOf } from "./refusal";

/**
 * Answers `GET gettoken`. The query has the key and secret as `appkey` and `appsecret` or, from old clients, as
 * `corpid` and `corpsecret`. The `corpid` of old clients may also be the organization's id; then the secret identifies
 * the app.
 *
 * @throws {OapiRefusal} 40035 missing parameter, 40089 wrong pair, 50003, 50005, 70001
 * @see docs/dingtalk/tokens.md#get-gettoken
 */
export function getToken(world: World, { query, callerIp }: SimulatorRequest): Record<string, unknown> {
  const key = query.get("appkey") ?? query.get("corpid");
  const secret = query.get("appsecret") ?? query.get("corpsecret");
  if (!key) throw new OapiRefusal(40035, "不合法的参数，缺少参数 corpid or appkey");
  if (!secret) throw new OapiRefusal(40035, "不合法的参数，缺少参数 corpsecret or appsecret");
  const app = findApp(world, key, secret);
  const organization = app && world.organizations.get(app.corpId);
  if (!app || !organization || app.kind === "isv") throw wrongPair(world, query.has("appkey"));
  const denial = standingOf(app, organization);
  if (denial) throw refusalOf(denial);
  const settings = settingsOf(world, app);
  if (settings.ipCheckedOn === "tokens_too" && !isIpAllowed(callerIp, app.ipAllowList)) {
    throw refusalOf({ reason: "ip", ip: callerIp, appKey: app.appKey });
  }
  const { value, lifetimeSeconds } = world.tokens.issue({
    app,
    corpId: app.corpId,
    settings,
    endpoint: "gettoken",
    now: world.clock.now(),
  });
  return { access_token: value, ...lifetimeField(settings, "expires_in", lifetimeSeconds) };
}

function findApp(world: World, key: string, secret: string) {
  const app = world.apps.get(key);
  if (app) return app.appSecret === secret ? app : undefined;
  return [...world.apps.values()].find(({ corpId, appSecret }) => corpId === key && appSecret === secret);
}

function wrongPair(world: World, hasAppKey: boolean): OapiRefusal {
  if (hasAppKey && world.settings.edgeCodes === "captured") {
    return new OapiRefusal(40096, "不合法的appKey或appSecret");
  }
  return new OapiRefusal(40089, "不合法的corpId或corpSecret，corpId或corpSecret不匹配");
}
