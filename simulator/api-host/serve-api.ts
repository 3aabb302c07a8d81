import { type Answer, apiAnswer, makeApiRequestId } from "../gateway/answer";
import { type Access, checkAccess } from "../gateway/check-access";
import { bodyFields, type SimulatorRequest } from "../gateway/read-request";
import { lifetimeField } from "../gateway/token-store";
import { isDepartmentInScope } from "../organization/directory";
import { GATEWAY_PATH, gatewayXml, openConnection } from "../stream/open-connection";
import type { World } from "../world";
import { ApiRefusal, permissionDenied, refusalOf } from "./refusal";
import { accessToken, corpToken, suiteToken } from "./tokens";

/**
 * Answers as api.dingtalk.com does, with HTTP statuses and codes that are words.
 *
 * @see docs/dingtalk/errors.md#error-forms
 */
export function serveApi(world: World, request: SimulatorRequest): Answer {
  const requestId = makeApiRequestId();
  try {
    const fields = route(world, request);
    const isXml = request.path === GATEWAY_PATH && !/json/.test(request.headers.accept ?? "");
    return isXml ? gatewayXml(fields) : apiAnswer(200, fields, requestId);
  } catch (refusal) {
    if (!(refusal instanceof ApiRefusal)) throw refusal;
    const { status, code, message, fields } = refusal;
    return apiAnswer(status, { code, requestid: requestId, message, ...fields }, requestId);
  }
}

function route(world: World, request: SimulatorRequest): Record<string, unknown> {
  const address = `${request.method} ${request.path}`;
  if (address === "POST v1.0/oauth2/accessToken") return accessToken(world, request);
  if (address === "POST v1.0/oauth2/corpAccessToken") return suiteToken(world, request);
  const corpId = /^POST v1\.0\/oauth2\/([^/]+)\/token$/.exec(address)?.[1];
  if (corpId) return corpToken(world, request, decodeURIComponent(corpId));
  if (address === "POST v1.0/oauth2/jsapiTickets") return jsapiTicket(world, request);
  if (address === "POST v1.0/contact/departments/search") return searchDepartments(world, request);
  if (/^GET v1\.0\/contact\/users\/[^/]+$/.test(address)) return readUser(world, request);
  if (address === `POST ${GATEWAY_PATH}`) return openConnection(world, request);
  throw new ApiRefusal(
    404,
    "InvalidAction.NotFound",
    "Specified api is not found, please check your url and method.",
  );
}

/**
 * Returns the JSAPI ticket.
 *
 * @see docs/dingtalk/jsapi-tickets.md#ticket-lifetime
 */
function jsapiTicket(world: World, request: SimulatorRequest): Record<string, unknown> {
  const api = "v1.0/oauth2/jsapiTickets";
  const { app, settings } = requireAccess(world, request, { api, permissions: [] });
  const { value, lifetimeSeconds } = world.tickets.issue({ app, settings, now: world.clock.now() });
  return { jsapiTicket: value, ...lifetimeField(settings, "expireIn", lifetimeSeconds) };
}

/**
 * Returns the ids of visible departments whose name contains a word.
 *
 * @see docs/dingtalk/departments.md#search-departments
 */
function searchDepartments(world: World, request: SimulatorRequest): Record<string, unknown> {
  const { organization, app } = requireAccess(world, request, {
    api: "v1.0/contact/departments/search",
    permissions: ["qyapi_addresslist_search"],
  });
  const fields = bodyFields(request.body);
  const word = fields.get("queryWord");
  const offset = Number(fields.get("offset") ?? 0);
  const size = Number(fields.get("size") ?? 10);
  if (typeof word !== "string" || word === "")
    throw new ApiRefusal(400, "MissingqueryWord", "queryWord is mandatory");
  const { directory } = organization;
  const found = [...directory.departments.values()]
    .filter(({ id, name }) => name.includes(word) && isDepartmentInScope(directory, app.scope, id))
    .map(({ id }) => id);
  return {
    hasMore: found.length > offset + size,
    totalCount: found.length,
    list: found.slice(offset, offset + size),
  };
}

/**
 * Refuses every call, because the endpoint needs a person's token and the simulator issues app tokens only.
 *
 * @see docs/dingtalk/user-login.md#get-v10contactusersme
 */
function readUser(world: World, request: SimulatorRequest): never {
  requireAccess(world, request, { api: "v1.0/contact/users", permissions: [] });
  throw permissionDenied(["Contact.User.Read"]);
}

function requireAccess(
  world: World,
  request: SimulatorRequest,
  { api, permissions }: { api: string; permissions: readonly string[] },
): Access {
  const { authorization } = request.headers;
  const access = checkAccess(world, {
    token: tokenOf(request.headers["x-acs-dingtalk-access-token"]),
    tokenElsewhere: authorization || request.query.has("access_token") ? "header" : null,
    callerIp: request.callerIp,
    api,
    permissions,
    isContact: true,
  });
  if ("reason" in access) throw refusalOf(access);
  return access;
}

const tokenOf = (header: string | string[] | undefined): string => (typeof header === "string" ? header : "");
