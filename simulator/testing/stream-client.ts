import { onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { DEFAULT_APP_KEY, DEFAULT_APP_SECRET } from "../start-simulator";
import type { Frame } from "../stream/frames";

const PAIR = { clientId: DEFAULT_APP_KEY, clientSecret: DEFAULT_APP_SECRET };
const ALL_EVENTS = [{ type: "EVENT", topic: "*" }];

/** Answer of the gateway to a request for a connection. */
export type GatewayAnswer = {
  readonly status: number;
  readonly endpoint: string;
  readonly ticket: string;
  readonly code?: string;
};

/** Requests a connection from the gateway. */
export async function requestConnection(url: string, fields: Record<string, unknown> = {}) {
  const response = await fetch(`${url}/v1.0/gateway/connections/open`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({ ...PAIR, subscriptions: ALL_EVENTS, ...fields }),
  });
  return { status: response.status, ...((await response.json()) as Omit<GatewayAnswer, "status">) };
}

/** Opens a WebSocket with a ticket. Resolves with the socket, or with the HTTP status of the refusal. */
export function openSocket({ endpoint, ticket }: Pick<GatewayAnswer, "endpoint" | "ticket">) {
  const socket = new WebSocket(`${endpoint}?ticket=${ticket}`);
  onTestFinished(() => socket.terminate());
  return new Promise<{ socket: WebSocket; status: number | null }>((resolve, reject) => {
    socket.on("open", () => resolve({ socket, status: null }));
    socket.on("unexpected-response", (_, { statusCode }) => resolve({ socket, status: statusCode ?? 0 }));
    socket.on("error", reject);
  });
}

/** Data of an acknowledgment, or null for none. */
type Acknowledge = (frame: Frame) => unknown;

const acknowledgeAll: Acknowledge = ({ type, data }) =>
  type === "EVENT" ? { status: "SUCCESS" } : JSON.parse(data);

/** Opens a connection whose client acknowledges events and pings, unless `acknowledge` differs. */
export async function openStream(
  url: string,
  acknowledge: Acknowledge = acknowledgeAll,
  fields?: Record<string, unknown>,
) {
  const { socket } = await openSocket(await requestConnection(url, fields));
  const frames: Frame[] = [];
  const closed = new Promise<number>((resolve) => socket.on("close", resolve));
  socket.on("message", (message) => {
    const frame = JSON.parse((message as Buffer).toString("utf8")) as Frame;
    frames.push(frame);
    const data = frame.headers.topic === "disconnect" ? null : acknowledge(frame);
    if (data === null) return;
    const headers = { messageId: frame.headers.messageId, contentType: "application/json" };
    socket.send(JSON.stringify({ code: 200, message: "OK", headers, data: JSON.stringify(data) }));
  });
  return { socket, frames, closed };
}
