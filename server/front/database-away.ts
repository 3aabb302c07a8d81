import type { IncomingMessage, ServerResponse } from "node:http";
import { isDatabaseAvailable } from "@/lib/health/readiness";
import { refuse } from "./refuse";
import { isPageRequest } from "./request-kind";

/** Returns whether a request reads a page or its data. */
const isPageRead = (request: IncomingMessage): boolean =>
  (request.method === "GET" || request.method === "HEAD") && isPageRequest(request);

/**
 * Answers reads of pages with 503, and browsers with a page that reloads itself, while the database is unreachable.
 * Machine routes and actions continue, because they have their own error answers and some need no database.
 *
 * @returns whether it answered
 */
export async function refuseWithoutDatabase(
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  if (!isPageRead(request) || (await isDatabaseAvailable())) return false;
  refuse(request, response, { code: "unavailable", retryAfterSeconds: 10, outage: "down" });
  return true;
}
