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
