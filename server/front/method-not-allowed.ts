import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { EVERY_CONTRACT } from "@/lib/api/every-contract";
import { AppError } from "@/lib/errors";
import { withHeaders } from "@/lib/http/response-headers";
import { problemOf } from "@/lib/problems/problem-response";
import { sendResponse } from "./lean-routes";

/** Next answers these by itself, from what a route has. */
const OF_NEXT = new Set(["HEAD", "OPTIONS"]);

const segmentsOf = (path: string) => path.split("/");

/** What the API says of itself has no contract. */
const OF_ITSELF = ["/openapi.json", "/docs"].map((path) => ({ method: "GET", path }));

const ROUTES = [...EVERY_CONTRACT, ...OF_ITSELF].map(({ method, path }) => ({
  method,
  segments: segmentsOf(`/api/v1${path}`),
}));

/** The methods that the machine API has at a path; none where it has no route. */
export function methodsAt(path: string): string[] {
  const asked = segmentsOf(path);
  const isThere = (segments: readonly string[]) =>
    segments.length === asked.length &&
    segments.every((segment, index) => segment === asked[index] || segment.startsWith("{"));
  return ROUTES.filter(({ segments }) => isThere(segments)).map(({ method }) => method);
}

/**
 * Answers what a route of the machine API has no method for, as a problem: Next's own answer says nothing.
 *
 * @returns whether it did
 */
export async function refuseMethod(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  const { method = "GET", url = "/", headers } = request;
  if (OF_NEXT.has(method)) return false;
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
