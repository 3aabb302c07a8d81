import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { EVERY_CONTRACT } from "@/lib/api/every-contract";
import { AppError } from "@/lib/errors";
import { withHeaders } from "@/lib/http/response-headers";
import { problemOf } from "@/lib/problems/problem-response";
import { sendResponse } from "./lean-routes";

/** Next answers these methods itself. */
const ANSWERED_BY_NEXT = new Set(["HEAD", "OPTIONS"]);

const segmentsOf = (path: string) => path.split("/");

/** The API's own description has no contract. */
const API_DESCRIPTION = ["/openapi.json", "/docs"].map((path) => ({ method: "GET", path }));

const ROUTES = [...EVERY_CONTRACT, ...API_DESCRIPTION].map(({ method, path }) => ({
  method,
  segments: segmentsOf(`/api/v1${path}`),
}));

/** Returns the methods of the machine API at a path; empty for a path without route. */
export function methodsAt(path: string): string[] {
  const asked = segmentsOf(path);
  const isThere = (segments: readonly string[]) =>
    segments.length === asked.length &&
    segments.every((segment, index) => segment === asked[index] || segment.startsWith("{"));
  return ROUTES.filter(({ segments }) => isThere(segments)).map(({ method }) => method);
}

/**
 * Answers requests with an unsupported method on a machine route with a problem document. Next's own answer has no
 * body.
 *
 * @returns whether it answered
 */
export async function refuseMethod(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  const { method = "GET", url = "/", headers } = request;
  if (ANSWERED_BY_NEXT.has(method)) return false;
  const [path = ""] = url.split("?", 1);
  const methods = methodsAt(path);
  if (methods.length === 0 || methods.includes(method)) return false;
  const requestId = randomUUID();
  const allowed = [...methods, ...(methods.includes("GET") ? ["HEAD"] : []), "OPTIONS"].join(", ");
  const error = new AppError("method_not_allowed", `no ${method} here`, { detail: allowed });
  const problem = await problemOf(error, { requestId, acceptLanguage: headers["accept-language"] ?? null });
  problem.headers.set("allow", allowed);
  await sendResponse(withHeaders(problem, { requestId, isStale: false, rate: null }), response);
  return true;
}
