import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { env } from "@/lib/env";
import { contentSecurityPolicy, FOREIGN_POLICY, fixedHeaders } from "@/lib/http/security-headers";
import {
  addressForNext,
  isDecodable,
  isGatewayAddress,
  isPlainAddress,
  NONCE_HEADER,
  nameAfterNext,
  PATH_HEADER,
  READ_HEADERS,
} from "@/lib/request/headers";
import { isOwnOrigin } from "@/lib/request/origin";
import { isMachine } from "./refuse";

const NONCE_BYTES = 16;
/** What everybody gets alike; anything else may depend on who asks, and is kept by nobody (S19). */
const ALIKE = /^\/(?:_next\/static\/|icon\.svg$)/;
/** By these Next's pages ask for parts of themselves. */
const PAGE_HEADERS = ["next-action", "rsc", "next-router-state-tree", "next-router-prefetch"];
/** Next reads the nonce of its own scripts from this request header. */
const CSP_HEADER = "content-security-policy";

/** What our own `Vary` names and what a handler's does, each once. */
const varyOf = (value: unknown): string =>
  [...new Set(`${READ_HEADERS.vary},${String(value)}`.toLowerCase().split(/\s*,\s*/))].join(", ");

/**
 * What an answer that may depend on who asks says to every cache. Next sets `Vary` anew for its pages, so ours is put
 * back; and what it would hold back of the gateway's answers gets its name again.
 */
function keepByNobody(response: ServerResponse): void {
  const set = response.setHeader.bind(response);
  response.setHeader = (name, value) => {
    const isVary = name.toLowerCase() === "vary";
    return set(nameAfterNext(name), isVary ? varyOf(value) : value);
  };
  for (const [name, value] of Object.entries(READ_HEADERS)) set(name, value);
}

/**
 * Whether a request names no path, for Next would follow whatever host it names, or fail; or text that can't be stored,
 * which machines' routes refuse in their own forms. Also TRACE, which has no place in a `Request`.
 */
function isNoAddress(request: IncomingMessage): boolean {
  const { url = "", method } = request;
  if (!url.startsWith("/") || method === "TRACE") return true;
  return !isDecodable(addressForNext(url)) || !(isMachine(request) || isPlainAddress(url));
}

/** What stands in front of Next for every request: S4, S19, S34. */
export function prepareRequest(
  request: IncomingMessage,
  response: ServerResponse,
  isDevelopment: boolean,
): boolean {
  const { NEXTAUTH_URL } = env();
  const nonce = randomBytes(NONCE_BYTES).toString("base64");
  const policy = contentSecurityPolicy(nonce, isDevelopment);
  const path = request.url ?? "/";
  Object.assign(request.headers, {
    [NONCE_HEADER]: nonce,
    [PATH_HEADER]: path,
    [CSP_HEADER]: policy,
  });
  response.setHeader(CSP_HEADER, isGatewayAddress(path) ? FOREIGN_POLICY : policy);
  for (const [name, value] of Object.entries(fixedHeaders(NEXTAUTH_URL.startsWith("https:")))) {
    response.setHeader(name, value);
  }
  const pathOnly = path.split("?", 1)[0] ?? "/";
  if (!ALIKE.test(pathOnly)) keepByNobody(response);
  // No page of ours stands on a machine's path: Next passes an action that it doesn't find there on to another, and
  // leads what looks like its own pages' requests elsewhere.
  if (isMachine(request)) for (const name of PAGE_HEADERS) delete request.headers[name];
  if (isNoAddress(request)) {
    response.writeHead(400, { "content-type": "text/plain; charset=utf-8" }).end("Not an address of ours.\n");
    return false;
  }
  if (isOwnOrigin(request.method ?? "GET", pathOnly, request.headers.origin, NEXTAUTH_URL)) return true;
  response
    .writeHead(403, { "content-type": "text/plain; charset=utf-8" })
    .end("This request didn't come from our own pages.\n");
  return false;
}
