import { createHmac } from "node:crypto";
import { z } from "zod";
import type { SimulatorRequest } from "../gateway/read-request";
import { OapiRefusal } from "../oapi/refusal";
import type { World } from "../world";
import type { Robot } from "./robots";

const text = z.string().min(1);

/** Messages, with the fields that DingTalk requires. */
const messageInput = z.discriminatedUnion("msgtype", [
  z.looseObject({ msgtype: z.literal("text"), text: z.looseObject({ content: text }) }),
  z.looseObject({ msgtype: z.literal("markdown"), markdown: z.looseObject({ title: text, text }) }),
  z.looseObject({
    msgtype: z.literal("link"),
    link: z.looseObject({ title: text, text, messageUrl: text }),
  }),
  z.looseObject({ msgtype: z.literal("actionCard"), actionCard: z.looseObject({ title: text, text }) }),
]);

const SKEW_MS_MAX = 3_600_000;

/**
 * Answers `POST robot/send`.
 *
 * @throws {OapiRefusal} 300001 unknown robot, 310000 signature, timestamp or keyword, 130101 too many messages, 40035
 *   no valid message
 * @see docs/dingtalk/robots.md#send-through-a-custom-robot
 */
export function sendMessage(world: World, { query, body }: SimulatorRequest): Record<string, unknown> {
  const { robots: state, clock } = world;
  const robot = state.robots.get(query.get("access_token") ?? "");
  if (!robot) throw new OapiRefusal(300001, "token is not exist");
  requireSignature(robot, query, clock.now());
  const value = body.kind === "json" ? body.value : null;
  requireKeyword(robot, value);
  const parsed = messageInput.safeParse(value);
  if (!parsed.success) throw new OapiRefusal(40035, "缺少参数 json");
  const { accessToken } = robot;
  if (!state.admits(accessToken, clock.now())) {
    throw new OapiRefusal(130101, "send too fast, exceed 20 times per minute");
  }
  state.add({ accessToken, at: clock.now(), msgtype: parsed.data.msgtype, body: parsed.data });
  return {};
}

function requireSignature({ secret }: Robot, query: URLSearchParams, now: number): void {
  if (secret === null) return;
  const timestamp = query.get("timestamp") ?? "";
  if (!/^\d{13}$/.test(timestamp) || Math.abs(Number(timestamp) - now) > SKEW_MS_MAX) {
    throw new OapiRefusal(310000, "invalid timestamp");
  }
  const signature = createHmac("sha256", secret).update(`${timestamp}\n${secret}`).digest("base64");
  if (query.get("sign") !== signature) throw new OapiRefusal(310000, "sign not match");
}

function requireKeyword({ keywords }: Robot, message: unknown): void {
  const written = JSON.stringify(message) ?? "";
  if (keywords.length > 0 && !keywords.some((keyword) => written.includes(keyword))) {
    throw new OapiRefusal(310000, "keywords not in content");
  }
}
