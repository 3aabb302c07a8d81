import { lifetimeField } from "../gateway/token-store";
import type { OapiCall, OapiEndpoint } from "./endpoint";
import { OapiRefusal } from "./refusal";

/**
 * JSAPI tickets, which sign pages in the DingTalk client.
 *
 * @see docs/dingtalk/jsapi-tickets.md
 */
export const JSAPI_ENDPOINTS: Readonly<Record<string, OapiEndpoint>> = {
  get_jsapi_ticket: { method: "GET", permission: null, answer: readTicket },
};

/** @throws {OapiRefusal} 40035 `type` is not `jsapi` */
function readTicket({ world, app, settings, parameters }: OapiCall): Record<string, unknown> {
  const type = parameters.get("type") ?? "jsapi";
  if (type !== "jsapi") throw new OapiRefusal(40035, "不合法的参数");
  const { value, lifetimeSeconds } = world.tickets.issue({ app, settings, now: world.clock.now() });
  return { ticket: value, ...lifetimeField(settings, "expires_in", lifetimeSeconds) };
}
