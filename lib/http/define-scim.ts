import "server-only";
import { admitKey, type RequestRate, TooManyRequests } from "@/lib/api-keys/admit-key";
import type { ApiKey } from "@/lib/api-keys/api-key";
import { countRequest } from "@/lib/metrics/count";
import { problemOf } from "@/lib/problems/problem-response";
import { type RequestContext, requestContext } from "@/lib/request/context";
import { searchOf } from "./read-request";
import { clientGone, withHeaders } from "./response-headers";

const CONTENT_TYPE = "application/scim+json";
const ERROR = "urn:ietf:params:scim:api:messages:2.0:Error";

type ScimRequest = {
  readonly key: ApiKey;
  readonly path: readonly string[];
  readonly query: URLSearchParams;
};
type Context = { readonly params: Promise<{ readonly path?: string[] }> };

/** Returns a SCIM error response. @see https://www.rfc-editor.org/rfc/rfc7644#section-3.12 */
async function failed(thrown: unknown, context: RequestContext): Promise<Response> {
  const problem = await problemOf(thrown, context);
  const { title, detail } = (await problem.json()) as { readonly title: string; readonly detail?: string };
  const scimType = thrown instanceof Error && "scimType" in thrown ? thrown.scimType : undefined;
  const body = {
    schemas: [ERROR],
    status: String(problem.status),
    ...(scimType !== undefined && { scimType }),
    detail: [scimType === undefined ? title : "", detail]
      .filter((one) => one !== undefined && one !== "")
      .join(": "),
  };
  const { headers } = problem;
  headers.set("content-type", CONTENT_TYPE);
  return new Response(JSON.stringify(body), { status: problem.status, headers });
}

export const defineScim =
  (answer: (request: ScimRequest) => Promise<object>) =>
  async (request: Request, context: Context): Promise<Response> => {
    const caller = requestContext(request.headers);
    const startedAtMs = performance.now();
    let rate: RequestRate | null = null;
    let isStale = false;
    let response: Response;
    try {
      const admitted = await admitKey(request.headers.get("authorization"), caller.address);
      ({ rate, isStale } = admitted);
      const { path = [] } = await context.params;
      const body = await answer({ key: admitted.key, path, query: searchOf(request.url) });
      response = new Response(JSON.stringify(body), { headers: { "content-type": CONTENT_TYPE } });
    } catch (error) {
      if (request.signal.aborted) return clientGone();
      if (error instanceof TooManyRequests) rate = error.rate;
      response = await failed(error, caller);
    }
    countRequest("scim", response.status, performance.now() - startedAtMs);
    return withHeaders(response, { requestId: caller.requestId, isStale, rate });
  };

/** Refuses every write: the SCIM interface is read-only. */
export const refuseScim = (): Response =>
  Response.json(
    { schemas: [ERROR], status: "501", detail: "This provider is read only" },
    { status: 501, headers: { "content-type": CONTENT_TYPE, "cache-control": "no-store" } },
  );
