import { type Answer, makeTopapiRequestId, oapiAnswer } from "../gateway/answer";
import { checkAccess } from "../gateway/check-access";
import { bodyFields, type SimulatorRequest } from "../gateway/read-request";
import { sendMessage } from "../robot/send-message";
import type { World } from "../world";
import { CALL_BACK_ENDPOINTS } from "./call-back";
import { DEPARTMENT_ENDPOINTS } from "./departments";
import type { OapiEndpoint } from "./endpoint";
import { getCorpToken } from "./get-corp-token";
import { getToken } from "./get-token";
import { JSAPI_ENDPOINTS } from "./jsapi-ticket";
import { LEGACY_DEPARTMENT_ENDPOINTS } from "./legacy-departments";
import { LEGACY_USER_ENDPOINTS } from "./legacy-users";
import type { Parameters } from "./parameters";
import { GatewayRefusal, OapiRefusal, refusalFields, refusalOf, unknownPath } from "./refusal";
import { SCOPE_ENDPOINTS } from "./scopes";
import { USER_ENDPOINTS } from "./users";

const ENDPOINTS: ReadonlyMap<string, OapiEndpoint> = new Map(
  Object.entries({
    ...SCOPE_ENDPOINTS,
    ...JSAPI_ENDPOINTS,
    ...DEPARTMENT_ENDPOINTS,
    ...LEGACY_DEPARTMENT_ENDPOINTS,
    ...USER_ENDPOINTS,
    ...LEGACY_USER_ENDPOINTS,
    ...CALL_BACK_ENDPOINTS,
  }),
);

/** Answers as oapi.dingtalk.com does: always HTTP 200, with a `request_id` on topapi. */
export async function serveOapi(world: World, request: SimulatorRequest): Promise<Answer> {
  const isTopapi = request.path.startsWith("topapi/");
  const requestId = isTopapi ? { request_id: makeTopapiRequestId() } : {};
  try {
    const ask = OPEN_ENDPOINTS.get(request.path) ?? callEndpoint;
    const fields = await ask(world, request);
    return oapiAnswer({ errcode: 0, errmsg: "ok", ...fields, ...requestId });
  } catch (refusal) {
    if (!(refusal instanceof OapiRefusal)) throw refusal;
    return oapiAnswer({ ...refusalFields(refusal, isTopapi), ...requestId });
  }
}

function gettoken(world: World, request: SimulatorRequest): Record<string, unknown> {
  if (request.method !== "GET") throw new OapiRefusal(43001, "需要GET请求");
  return getToken(world, request);
}

function getCorpTokenByPost(world: World, request: SimulatorRequest): Record<string, unknown> {
  if (request.method !== "POST") throw new OapiRefusal(43002, "需要POST请求");
  return getCorpToken(world, request);
}

function sendByPost(world: World, request: SimulatorRequest): Record<string, unknown> {
  if (request.method !== "POST") throw new OapiRefusal(43002, "需要POST请求");
  return sendMessage(world, request);
}

/** Endpoints that need no token of an app. */
const OPEN_ENDPOINTS = new Map([
  ["gettoken", gettoken],
  ["service/get_corp_token", getCorpTokenByPost],
  ["robot/send", sendByPost],
]);

function callEndpoint(world: World, request: SimulatorRequest): ReturnType<OapiEndpoint["answer"]> {
  const endpoint = ENDPOINTS.get(request.path);
  if (!endpoint) throw unknownPath(request.path);
  if (request.method !== endpoint.method) {
    throw endpoint.method === "GET"
      ? new OapiRefusal(43001, "需要GET请求")
      : new OapiRefusal(43002, "需要POST请求");
  }
  const access = checkAccess(world, {
    token: request.query.get("access_token") ?? "",
    tokenElsewhere: tokenElsewhere(request),
    callerIp: request.callerIp,
    api: request.path,
    permissions: endpoint.permission === null ? [] : [endpoint.permission],
    isContact: true,
  });
  if ("reason" in access) {
    const { errcode, message } = refusalOf(access);
    throw new GatewayRefusal(errcode, message);
  }
  return endpoint.answer({ ...access, world, parameters: parametersOf(request) });
}

/**
 * Finds a token outside the query, where the oapi host does not read it.
 *
 * @see docs/dingtalk/conventions.md#calls-to-the-oapi-host
 */
function tokenElsewhere({ headers, body }: SimulatorRequest): "header" | "body" | null {
  if (bodyFields(body).has("access_token")) return "body";
  return headers["x-acs-dingtalk-access-token"] || headers.authorization ? "header" : null;
}

function parametersOf({ query, body }: SimulatorRequest): Parameters {
  if (body.kind === "other_type") throw new OapiRefusal(43004, "无效的HTTP HEADER Content-Type");
  if (body.kind === "not_json") throw new OapiRefusal(43009, "POST body必须是json");
  return new Map<string, unknown>([...query, ...bodyFields(body)]);
}
