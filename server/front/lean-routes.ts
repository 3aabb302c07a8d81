import type { IncomingMessage, ServerResponse } from "node:http";
import { answerDepartments } from "@/lib/api/answer-departments";
import { getToken } from "@/lib/api/answer-token";
import { listDepartmentsContract } from "@/lib/api/departments";
import { getTokenContract } from "@/lib/api/tokens";
import { defineRoute } from "@/lib/http/define-route";

/** Splits a contract's path at the app's id. */
const partsOf = ({ path }: { readonly path: string }) => {
  const [before = "", after = ""] = path.split("{appId}");
  return { before: `/api/v1${before}`, after };
};

/**
 * Routes that services call continually. They are answered before Next, whose overhead is most of their cost. Contracts
 * and handlers are the same as under `app/api/v1`.
 */
const LEAN = [
  { ...partsOf(getTokenContract), route: defineRoute(getTokenContract, getToken) },
  {
    ...partsOf(listDepartmentsContract),
    route: defineRoute(listDepartmentsContract, answerDepartments),
  },
] as const;

/**
 * Returns the route and the app's id for a request. Encoded paths are left to Next.
 *
 * @param url the request's unchanged URL
 */
function leanRouteOf(method: string | undefined, url: string) {
  if (method !== "GET") return null;
  const [path = ""] = url.split("?", 1);
  for (const { before, after, route } of LEAN) {
    if (!path.startsWith(before) || !path.endsWith(after)) continue;
    const appId = path.slice(before.length, -after.length);
    if (/^[\w-]+$/.test(appId)) return { appId, route };
  }
  return null;
}

/** Converts a Node request to a `Request`, which is aborted when the client disconnects. */
function toRequest(request: IncomingMessage, response: ServerResponse): Request {
  const gone = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) gone.abort();
  });
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (typeof value === "string") headers.set(name, value);
  }
  return new Request(`http://localhost${request.url}`, { headers, signal: gone.signal });
}

/** Writes a handler's answer to the Node response. */
export async function sendResponse(answer: Response, response: ServerResponse): Promise<void> {
  response.statusCode = answer.status;
  for (const [name, value] of answer.headers) response.setHeader(name, value);
  response.end(answer.body ? Buffer.from(await answer.arrayBuffer()) : undefined);
}

/**
 * Answers a request if it is for one of these routes.
 *
 * @returns whether it answered
 */
export async function answerLean(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  const found = leanRouteOf(request.method, request.url ?? "/");
  if (!found) return false;
  const { appId } = found;
  const answer = await found.route(toRequest(request, response), { params: Promise.resolve({ appId }) });
  await sendResponse(answer, response);
  return true;
}
