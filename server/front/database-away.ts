import type { IncomingMessage, ServerResponse } from "node:http";
import { isDatabaseThere } from "@/lib/health/queries";
import { isLimited } from "./limit-load";
import { refuse } from "./refuse";

/** What shows something that the database has, to a person or to a program that pretends to be one. */
const isShown = (request: IncomingMessage): boolean =>
  (request.method === "GET" || request.method === "HEAD") && isLimited(request);

/**
 * Answers reads of pages with 503 and a page that reloads itself, while the database is unreachable. Machine routes and
 * actions are passed on, because they answer for themselves, and some need no database.
 *
 * @returns whether it answered
 */
export async function refuseWithoutDatabase(
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  if (!isShown(request) || (await isDatabaseThere())) return false;
  refuse(request, response, { code: "unavailable", retryAfterSeconds: 10, trouble: "down" });
  return true;
}
