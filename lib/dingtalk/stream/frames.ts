import { type DingtalkEvent, readEvent, timeOf } from "../read-event";
import { fieldOf, objectOf, textOf } from "../read-fields";
import { type JsonObject, parseJson } from "../read-json";

export type StreamEvent = {
  readonly messageId: string;
  readonly event: DingtalkEvent;
  /** When DingTalk sent the frame, in milliseconds since the epoch; `null` for a missing or invalid time. */
  readonly sentAtMs: number | null;
};

/** `malformed`: an event that can't be read. `unknown`: a frame to which no part of Dingkeep subscribes. */
export type Frame =
  | { readonly kind: "ping"; readonly messageId: string; readonly data: string }
  | { readonly kind: "disconnect" }
  | ({ readonly kind: "event" } & StreamEvent)
  | { readonly kind: "malformed" | "unknown"; readonly messageId: string }
  | { readonly kind: "ignored" };

const IGNORED = { kind: "ignored" } as const;

/** Parses a frame from DingTalk. @see docs/dingtalk/stream.md#frames */
export function parseFrame(text: string): Frame {
  const parsed = parseJson(text);
  const frame = parsed.ok ? objectOf(parsed.value) : null;
  const headers = frame && objectOf(fieldOf(frame, "headers"));
  if (!frame || !headers) return IGNORED;
  const topic = textOf(fieldOf(headers, "topic"));
  const messageId = textOf(fieldOf(headers, "messageId"));
  const type = textOf(fieldOf(frame, "type"));
  if (type === "SYSTEM" && topic === "disconnect") return { kind: "disconnect" };
  if (messageId === null) return IGNORED;
  const data = textOf(fieldOf(frame, "data")) ?? "{}";
  if (type === "EVENT") return parseEvent(messageId, headers, data);
  if (type === "SYSTEM") return topic === "ping" ? { kind: "ping", messageId, data } : IGNORED;
  return { kind: "unknown", messageId };
}

function parseEvent(messageId: string, headers: JsonObject, data: string): Frame {
  const read = readEvent(data, {
    type: textOf(fieldOf(headers, "eventType")),
    eventId: textOf(fieldOf(headers, "eventId")),
    corpId: textOf(fieldOf(headers, "eventCorpId")),
    bornAt: textOf(fieldOf(headers, "eventBornTime")),
  });
  if (!read.ok) return { kind: "malformed", messageId };
  return { kind: "event", messageId, event: read.value, sentAtMs: timeOf(fieldOf(headers, "time")) };
}

/**
 * - `stored`: the event was stored
 * - `later`: DingTalk sends the event again
 * - `malformed`, `unknown`: no part of Dingkeep can use the frame
 */
export type Answer = "stored" | "later" | "malformed" | "unknown";

const ANSWERS: Readonly<Record<Answer, { readonly code: number; readonly message: string; data: object }>> = {
  stored: { code: 200, message: "OK", data: { status: "SUCCESS" } },
  later: { code: 200, message: "OK", data: { status: "LATER" } },
  malformed: { code: 400, message: "malformed event", data: {} },
  unknown: { code: 404, message: "no handler", data: {} },
};

const frameOf = (messageId: string, { data, ...rest }: { code: number; message: string; data: string }) =>
  JSON.stringify({ ...rest, headers: { messageId, contentType: "application/json" }, data });

/** Returns the answer to a frame, as text. */
export function answerTo(messageId: string, answer: Answer): string {
  const { data, ...rest } = ANSWERS[answer];
  return frameOf(messageId, { ...rest, data: JSON.stringify(data) });
}

/** Returns the answer to a ping, which repeats its data. */
export const pong = (messageId: string, data: string): string =>
  frameOf(messageId, { code: 200, message: "OK", data });
