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
/**
 * Files that are the same for every client. All other answers may depend on the client and must not be cached (S19).
 */
const SAME_FOR_EVERYBODY = /^\/(?:_next\/static\/|icon\.svg$)/;
/** Headers with which Next's pages request parts of themselves. */
const PAGE_HEADERS = ["next-action", "rsc", "next-router-state-tree", "next-router-prefetch"];
/** Next reads the nonce for its own scripts from this request header. */
const CSP_HEADER = "content-security-policy";

/** Joins our `Vary` names with those of a handler, without duplicates. */
const mergeVary = (value: unknown): string =>
  [...new Set(`${READ_HEADERS.vary},${String(value)}`.toLowerCase().split(/\s*,\s*/))].join(", ");

/**
 * Forbids every cache to keep an answer. Next overwrites `Vary` on its pages, so each write is merged with our value.
 * Gateway headers that Next would drop get their names back here too.
 */
function forbidCaching(response: ServerResponse): void {
  const set = response.setHeader.bind(response);
  response.setHeader = (name, value) => {
    const isVary = name.toLowerCase() === "vary";
    return set(nameAfterNext(name), isVary ? mergeVary(value) : value);
  };
  for (const [name, value] of Object.entries(READ_HEADERS)) set(name, value);
}

/**
 * Returns whether Dingkeep cannot serve the URL: one without a path, for which Next would follow any host or fail; text
 * that the database cannot store, except on machine routes, which refuse it in their own format; and TRACE, which
 * `Request` does not support.
 */
function isUnservable(request: IncomingMessage): boolean {
  const { url = "", method } = request;
  if (!url.startsWith("/") || method === "TRACE") return true;
  return !isDecodable(addressForNext(url)) || !(isMachine(request) || isPlainAddress(url));
}

/**
 * Sets security headers, nonce and caching, and checks URL and origin (S4, S19, S34).
 *
 * @returns whether the request continues; if not, it was answered
 */
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
  if (!SAME_FOR_EVERYBODY.test(pathOnly)) forbidCaching(response);
  // No page is served on a machine path. Next would forward an unknown action to another page, and redirect requests
  // that look like those of its own pages.
  if (isMachine(request)) for (const name of PAGE_HEADERS) delete request.headers[name];
  if (isUnservable(request)) {
    response
      .writeHead(400, { "content-type": "text/plain; charset=utf-8" })
      .end("This URL is not valid here.\n");
    return false;
  }
  if (isOwnOrigin(request.method ?? "GET", pathOnly, request.headers.origin, NEXTAUTH_URL)) return true;
  response
    .writeHead(403, { "content-type": "text/plain; charset=utf-8" })
    .end("This request did not come from Dingkeep's own pages.\n");
  return false;
}
