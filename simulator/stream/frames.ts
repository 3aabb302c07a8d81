import { createHash, randomUUID } from "node:crypto";
import { z } from "zod";
import type { DingtalkEvent } from "../events/event";

/**
 * A frame from DingTalk to an app.
 *
 * @see docs/dingtalk/stream.md#frames
 */
export type Frame = {
  readonly specVersion: "1.0";
  readonly type: "SYSTEM" | "EVENT";
  readonly headers: Readonly<Record<string, string>> & { readonly messageId: string };
  /** JSON text. */
  readonly data: string;
};

const headersOf = (topic: string, now: number) => ({
  topic,
  messageId: randomUUID(),
  contentType: "application/json",
  time: String(now),
});

export const systemFrame = (topic: "ping" | "disconnect", data: object, now: number): Frame => ({
  specVersion: "1.0",
  type: "SYSTEM",
  headers: headersOf(topic, now),
  data: JSON.stringify(data),
});

export function eventFrame(event: DingtalkEvent, appKey: string, now: number): Frame {
  const { eventId, eventType, corpId, bornAt, data } = event;
  const headers = {
    ...headersOf("*", now),
    eventType,
    eventId,
    eventCorpId: corpId,
    eventBornTime: String(bornAt),
    eventUnifiedAppId: unifiedAppId(appKey),
  };
  const timeStamp = String(bornAt);
  return { specVersion: "1.0", type: "EVENT", headers, data: JSON.stringify({ ...data, timeStamp }) };
}

/** Returns an id in the form of a UUID, always the same one for an app. */
function unifiedAppId(appKey: string): string {
  const hex = createHash("sha256").update(appKey).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    "-",
  );
}

const ack = z.object({
  code: z.number(),
  headers: z.object({ messageId: z.string() }),
  data: z.string(),
});

/** An app's answer to a frame. */
export type Ack = {
  readonly code: number;
  readonly messageId: string;
  /** The JSON value of `data`, or null if it is none. */
  readonly data: unknown;
};

/** Returns null for text that is no acknowledgment. */
export function parseAck(text: string): Ack | null {
  const parsed = ack.safeParse(parseJson(text));
  if (!parsed.success) return null;
  const { code, headers, data } = parsed.data;
  return { code, messageId: headers.messageId, data: parseJson(data) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
