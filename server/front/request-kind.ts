import type { IncomingMessage } from "node:http";
import { env } from "@/lib/env";
import { isMachinePath } from "@/lib/request/machine-paths";

export const pathOf = ({ url = "/" }: IncomingMessage): string => url.split("?", 1)[0] ?? "/";

/** Returns whether a request is for a machine route. */
export const isMachine = (request: IncomingMessage): boolean =>
  isMachinePath(pathOf(request), env().NEXTAUTH_URL);

/**
 * Returns whether a browser navigates to a page. Data requests of pages and machine routes have their own error
 * formats.
 */
export const wantsPage = (request: IncomingMessage): boolean =>
  request.method === "GET" &&
  !(request.url ?? "").startsWith("/_next/") &&
  (request.headers.accept ?? "").includes("text/html") &&
  !isMachine(request);

/** Static files of Next, and probes. */
const UNLIMITED = /^\/(?:_next\/|icon\.svg$|healthz$|readyz$|metrics$)/;

/** Returns whether a request belongs to the console: a page, its data, an action or a sign-in. */
export function isPageRequest({ url = "" }: IncomingMessage): boolean {
  const [path = ""] = url.split("?", 1);
  return !UNLIMITED.test(path) && !isMachinePath(path, env().NEXTAUTH_URL);
}

/** Returns whether a request runs an action of a page. */
export const isForm = ({ method, headers }: IncomingMessage): boolean =>
  method === "POST" &&
  (headers["next-action"] !== undefined || (headers["content-type"] ?? "").startsWith("multipart/form-data"));
