import "server-only";
import { randomUUID } from "node:crypto";
import { admitKey, type RequestRate, TooManyRequests } from "@/lib/auth/keys/admit-key";
import type { ApiKey } from "@/lib/auth/keys/api-key";
import { countRequest } from "@/lib/metrics/count";
import { clientGone, dressed } from "./dressed";
import { ADDRESS_HEADER } from "./headers";
import { problemOf } from "./problem";
import { searchOf } from "./read-request";

const CONTENT_TYPE = "application/scim+json";
const ERROR = "urn:ietf:params:scim:api:messages:2.0:Error";

type Asked = { readonly key: ApiKey; readonly path: readonly string[]; readonly query: URLSearchParams };
type Context = { readonly params: Promise<{ readonly path?: string[] }> };

/** A failure in SCIM's form. @see https://www.rfc-editor.org/rfc/rfc7644#section-3.12 */
async function failed(thrown: unknown, requestId: string, request: Request): Promise<Response> {
  const acceptLanguage = request.headers.get("accept-language");
  const problem = await problemOf(thrown, { requestId, acceptLanguage });
  const { title, detail } = (await problem.json()) as { readonly title: string; readonly detail?: string };
  const scimType = thrown instanceof Error && "scimType" in thrown ? thrown.scimType : undefined;
  const said = scimType === undefined ? title : "";
  const body = {
    schemas: [ERROR],
    status: String(problem.status),
    ...(scimType !== undefined && { scimType }),
    detail: [said, detail].filter((one) => one !== undefined && one !== "").join(": "),
  };
  const { headers } = problem;
  headers.set("content-type", CONTENT_TYPE);
  return new Response(JSON.stringify(body), { status: problem.status, headers });
}

/** Makes a handler of SCIM's read interface: who is calling by the key, then `answer`; what fails has SCIM's form. */
export const defineScim =
  (answer: (asked: Asked) => Promise<object>) =>
  async (request: Request, context: Context): Promise<Response> => {
    const requestId = randomUUID();
    const startedAtMs = performance.now();
    let rate: RequestRate | null = null;
    let isStale = false;
    let response: Response;
    try {
      const address = request.headers.get(ADDRESS_HEADER) ?? "unknown";
      const admitted = await admitKey(request.headers.get("authorization"), address);
      ({ rate, isStale } = admitted);
      const { path = [] } = await context.params;
      const body = await answer({ key: admitted.key, path, query: searchOf(request.url) });
      response = new Response(JSON.stringify(body), { headers: { "content-type": CONTENT_TYPE } });
    } catch (error) {
      if (request.signal.aborted) return clientGone();
      if (error instanceof TooManyRequests) rate = error.rate;
      response = await failed(error, requestId, request);
    }
    countRequest("scim", response.status, performance.now() - startedAtMs);
    return dressed(response, { requestId, isStale, rate });
  };

/** Nothing is written by SCIM. */
export const refuseScim = (): Response =>
  Response.json(
    { schemas: [ERROR], status: "501", detail: "This provider is read only" },
    { status: 501, headers: { "content-type": CONTENT_TYPE, "cache-control": "no-store" } },
  );
