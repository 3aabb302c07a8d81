import type { IncomingMessage, ServerResponse } from "node:http";
import { listDepartmentsContract } from "@/lib/api/departments";
import { getToken } from "@/lib/api/get-token";
import { answerDepartments } from "@/lib/api/list-departments";
import { getTokenContract } from "@/lib/api/tokens";
import { defineRoute } from "@/lib/http/define-route";

const patternOf = ({ path }: { readonly path: string }) =>
  new RegExp(`^/api/v1${path.replace("{appId}", "([^/]+)")}$`);

/**
 * What services ask for again and again, answered before Next sees it: its own work is most of what such an answer
 * costs. These are the routes under `app/api/v1` once more, of the same contracts and handlers, and nothing else.
 */
const LEAN = [
  { pattern: patternOf(getTokenContract), route: defineRoute(getTokenContract, getToken) },
  {
    pattern: patternOf(listDepartmentsContract),
    route: defineRoute(listDepartmentsContract, answerDepartments),
  },
] as const;

/** @param url of a request, as it came; a part that is encoded is left to Next */
function leanRouteOf(method: string | undefined, url: string) {
  if (method !== "GET" || !url.startsWith("/api/v1/apps/")) return null;
  const [path = ""] = url.split("?", 1);
  for (const { pattern, route } of LEAN) {
    const appId = pattern.exec(path)?.[1];
    if (appId !== undefined && !appId.includes("%")) return { appId, route };
  }
  return null;
}

/** A request as handlers take it; it ends when whoever asked is gone. */
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

async function send(answer: Response, response: ServerResponse): Promise<void> {
  response.statusCode = answer.status;
  for (const [name, value] of answer.headers) response.setHeader(name, value);
  response.end(answer.body ? Buffer.from(await answer.arrayBuffer()) : undefined);
}

/** Answers a request if it is for one of these routes. @returns whether it was */
export async function answerLean(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  const found = leanRouteOf(request.method, request.url ?? "/");
  if (!found) return false;
  const { appId } = found;
  const answer = await found.route(toRequest(request, response), { params: Promise.resolve({ appId }) });
  await send(answer, response);
  return true;
}
