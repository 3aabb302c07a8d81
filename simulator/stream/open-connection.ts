import { z } from "zod";
import { ApiRefusal } from "../api-host/refusal";
import { escapeHtml } from "../escape-html";
import type { Answer } from "../gateway/answer";
import { standingOf } from "../gateway/check-access";
import type { SimulatorRequest } from "../gateway/read-request";
import type { World } from "../world";

const opening = z.object({
  clientId: z.string(),
  clientSecret: z.string(),
  subscriptions: z.array(z.object({ type: z.string(), topic: z.string() })).min(1),
  ua: z.string().default(""),
  localIp: z.string().default(""),
});

/** Address of the endpoint, without the leading slash. */
export const GATEWAY_PATH = "v1.0/gateway/connections/open";

/**
 * Formats the endpoint's answer as XML, which clients get that do not ask for JSON.
 *
 * @see docs/dingtalk/stream.md#open-a-connection
 */
export function gatewayXml({ endpoint, ticket }: Record<string, unknown>): Answer {
  const element = (name: string, value: unknown) => `<${name}>${escapeHtml(String(value))}</${name}>`;
  const body = `<result>${element("endpoint", endpoint)}${element("ticket", ticket)}</result>`;
  return { status: 200, headers: { "content-type": "application/xml;charset=utf-8" }, body, outcome: "ok" };
}

/**
 * Answers `POST v1.0/gateway/connections/open` with the address of the WebSocket and a ticket for it.
 *
 * @throws {ApiRefusal} 401 `authFailed` wrong key or secret, 400 `systemError` invalid body or refused connections
 * @see docs/dingtalk/stream.md#open-a-connection
 */
export function openConnection(world: World, { body, headers }: SimulatorRequest): Record<string, unknown> {
  const parsed = opening.safeParse(body.kind === "json" ? body.value : null);
  if (!parsed.success) throw new ApiRefusal(400, "systemError", "系统错误");
  const { clientId, clientSecret, ...rest } = parsed.data;
  const app = world.apps.get(clientId);
  const organization = app && world.organizations.get(app.corpId);
  const isBlocked = !app || !organization || standingOf(app, organization) !== null;
  if (isBlocked || app.appSecret !== clientSecret) throw new ApiRefusal(401, "authFailed", "鉴权失败");
  if (world.stream.optionsOf(clientId).refusal === "gateway") {
    throw new ApiRefusal(400, "systemError", "系统错误");
  }
  const ticket = world.stream.issueTicket({ appKey: clientId, ...rest });
  return { endpoint: `ws://${headers.host ?? ""}/connect`, ticket };
}
