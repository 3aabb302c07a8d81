import type { IncomingMessage } from "node:http";

/** A parsed request. */
export type SimulatorRequest = {
  readonly method: string;
  /** Decoded, without the leading slash. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  readonly callerIp: string;
  readonly body: RequestBody;
};

export type RequestBody =
  | { readonly kind: "none" }
  | { readonly kind: "json"; readonly value: unknown }
  | { readonly kind: "form"; readonly value: URLSearchParams }
  | { readonly kind: "not_json" }
  | { readonly kind: "other_type" };

const BODY_BYTES_MAX = 4 * 1_024 * 1_024;

/** Replaces the socket's address, so that tests can call from several addresses. */
const CALLER_IP_HEADER = "x-simulated-ip";

/**
 * Reads a request with its whole body, chunked or not.
 *
 * @see docs/dingtalk/official-sdks.md#requests-of-the-npm-sdk
 */
export async function readRequest(incoming: IncomingMessage): Promise<SimulatorRequest> {
  const url = new URL(incoming.url ?? "/", "http://simulator");
  const simulatedIp = incoming.headers[CALLER_IP_HEADER];
  const socketIp = (incoming.socket.remoteAddress ?? "").replace(/^::ffff:/, "");
  return {
    method: incoming.method ?? "GET",
    path: url.pathname.slice(1),
    query: url.searchParams,
    headers: incoming.headers,
    callerIp: typeof simulatedIp === "string" ? simulatedIp : socketIp,
    body: parseBody(await readBytes(incoming), incoming.headers["content-type"] ?? ""),
  };
}

async function readBytes(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming) {
    const buffer = chunk as Buffer;
    bytes += buffer.length;
    if (bytes > BODY_BYTES_MAX) throw new Error("the request's body is too large");
    chunks.push(buffer);
  }
  return Buffer.concat(chunks);
}

function parseBody(bytes: Buffer, contentType: string): RequestBody {
  const text = bytes.toString("utf8");
  if (text.trim() === "") return { kind: "none" };
  if (contentType.startsWith("application/x-www-form-urlencoded")) {
    return { kind: "form", value: new URLSearchParams(text) };
  }
  if (contentType !== "" && !contentType.includes("json")) return { kind: "other_type" };
  try {
    return { kind: "json", value: JSON.parse(text) };
  } catch {
    return { kind: "not_json" };
  }
}

/** Returns the members of a JSON object or form; empty for any other body. */
export function bodyFields(body: RequestBody): ReadonlyMap<string, unknown> {
  if (body.kind === "form") return new Map(body.value);
  if (body.kind !== "json" || typeof body.value !== "object" || body.value === null) return new Map();
  return new Map(Object.entries(body.value));
}
