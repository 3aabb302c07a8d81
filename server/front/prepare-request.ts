import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { env } from "@/lib/env";
import { contentSecurityPolicy, FOREIGN_POLICY, fixedHeaders } from "@/lib/http/security-headers";
import { NONCE_HEADER, PATH_HEADER } from "@/lib/request/internal-headers";
import { isGatewayAddress } from "@/lib/request/machine-paths";
import { isOwnOrigin } from "@/lib/request/own-origin";
import { forbidCaching, isSameForEverybody } from "./forbid-caching";
import { isMachine } from "./request-kind";
import { isUnservable } from "./unservable-url";

const NONCE_BYTES = 16;
/** Headers with which Next's pages request parts of themselves. */
const PAGE_HEADERS = ["next-action", "rsc", "next-router-state-tree", "next-router-prefetch"];
/** Next reads the nonce for its own scripts from this request header. */
const CSP_HEADER = "content-security-policy";

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
  if (!isSameForEverybody(pathOnly)) forbidCaching(response);
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
