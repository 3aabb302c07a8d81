import type { App } from "../control-input";
import { isIpAllowed, standingOf } from "../gateway/check-access";
import { bodyFields, type SimulatorRequest } from "../gateway/read-request";
import { type IssuedToken, lifetimeField, type TokenEndpoint } from "../gateway/token-store";
import type { Settings } from "../settings";
import { settingsOf } from "../settings";
import { isOfOrganization, type World } from "../world";
import { ApiRefusal, refusalOf } from "./refusal";

/**
 * Answers `POST v1.0/oauth2/accessToken` for an internal app.
 *
 * @throws {ApiRefusal} 400 `Missingbody` no JSON body, `invalidClientIdOrSecret` wrong pair or blocked app
 * @see docs/dingtalk/tokens.md#post-v10oauth2accesstoken
 */
export function accessToken(world: World, request: SimulatorRequest): Record<string, unknown> {
  if (request.body.kind !== "json") {
    throw new ApiRefusal(400, "Missingbody", "body is mandatory for this action.");
  }
  const fields = bodyFields(request.body);
  const app = findApp(world, fields.get("appKey"), fields.get("appSecret"));
  if (!app || app.kind === "isv") throw wrongPair();
  const { token, settings } = issue(world, request, {
    app,
    corpId: app.corpId,
    endpoint: "accessToken",
    barred: wrongPair,
  });
  return { accessToken: token.value, ...lifetimeField(settings, "expireIn", token.lifetimeSeconds) };
}

/**
 * Answers `POST v1.0/oauth2/{corpId}/token` for internal and third-party apps.
 *
 * @throws {ApiRefusal} 400 `invalid.client`, `unsupported.grant.type`; 401 `unauthorized.client` for an organization
 *   that has not installed the app
 * @see docs/dingtalk/tokens.md#post-v10oauth2corpidtoken
 */
export function corpToken(world: World, request: SimulatorRequest, corpId: string): Record<string, unknown> {
  const fields = bodyFields(request.body);
  if (fields.get("grant_type") !== "client_credentials") {
    throw new ApiRefusal(400, "unsupported.grant.type", "不支持的grant_type");
  }
  const app = findApp(world, fields.get("client_id"), fields.get("client_secret"));
  if (!app) throw new ApiRefusal(400, "invalid.client", "无效的client_id或client_secret");
  if (!isOfOrganization(app, corpId)) throw unauthorizedClient();
  const { token, settings } = issue(world, request, {
    app,
    corpId,
    endpoint: "corpToken",
    barred: unauthorizedClient,
  });
  return { access_token: token.value, ...lifetimeField(settings, "expires_in", token.lifetimeSeconds) };
}

/**
 * Answers `POST v1.0/oauth2/corpAccessToken` for a third-party app and one of its customers.
 *
 * @throws {ApiRefusal} 400 `invalidSuiteKey` wrong key or secret, `invalidSuiteTicket` not the last pushed ticket,
 *   `invalidAuthInfo` organization without a current authorization
 * @see docs/dingtalk/third-party-apps.md#post-v10oauth2corpaccesstoken
 */
export function suiteToken(world: World, request: SimulatorRequest): Record<string, unknown> {
  if (request.body.kind !== "json") {
    throw new ApiRefusal(400, "Missingbody", "body is mandatory for this action.");
  }
  const fields = bodyFields(request.body);
  const app = findApp(world, fields.get("suiteKey"), fields.get("suiteSecret"));
  if (app?.kind !== "isv") throw new ApiRefusal(400, "invalidSuiteKey", "无效的suiteKey或者suiteSecret");
  if (fields.get("suiteTicket") !== app.suiteTicket) {
    throw new ApiRefusal(400, "invalidSuiteTicket", "无效的suiteTicket");
  }
  const corpId = fields.get("authCorpId");
  if (typeof corpId !== "string" || !isOfOrganization(app, corpId)) throw noAuthorization();
  const { token, settings } = issue(world, request, {
    app,
    corpId,
    endpoint: "suiteToken",
    barred: noAuthorization,
  });
  return { accessToken: token.value, ...lifetimeField(settings, "expireIn", token.lifetimeSeconds) };
}

type Issue = {
  readonly app: App;
  readonly corpId: string;
  readonly endpoint: TokenEndpoint;
  readonly barred: () => ApiRefusal;
};

function issue(
  world: World,
  { callerIp }: SimulatorRequest,
  { app, corpId, endpoint, barred }: Issue,
): { token: IssuedToken; settings: Settings } {
  const organization = world.organizations.get(corpId);
  if (!organization || standingOf(app, organization)) throw barred();
  const settings = settingsOf(world, app);
  if (settings.ipCheckedOn === "tokens_too" && !isIpAllowed(callerIp, app.ipAllowList)) {
    throw refusalOf({ reason: "ip", ip: callerIp, appKey: app.appKey });
  }
  return { token: world.tokens.issue({ app, corpId, settings, endpoint, now: world.clock.now() }), settings };
}

function findApp(world: World, key: unknown, secret: unknown): App | undefined {
  const app = typeof key === "string" ? world.apps.get(key) : undefined;
  return app?.appSecret === secret ? app : undefined;
}

const wrongPair = () => new ApiRefusal(400, "invalidClientIdOrSecret", "无效的clientId或者clientSecret");
const unauthorizedClient = () => new ApiRefusal(401, "unauthorized.client", "企业未授权该应用");
const noAuthorization = () => new ApiRefusal(400, "invalidAuthInfo", "企业未授权该应用");
