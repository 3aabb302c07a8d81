import "server-only";
import { type Admitted, TooManyRequests } from "@/lib/api-keys/admit-key";
import { type ClientFailure, clientStatus, clientWords } from "@/lib/problems/dingtalk-client-error";
import { problemOf } from "@/lib/problems/problem-response";
import { type RequestContext, requestContext } from "@/lib/request/context";
import { headersPastNext, PATH_HEADER } from "@/lib/request/headers";
import { clientGone, withHeaders } from "./response-headers";

/** A request as received, with the raw path that Next has not decoded. */
type Incoming = {
  readonly method: string;
  readonly target: string;
  readonly headers: Headers;
  readonly body: ReadableStream<Uint8Array> | null;
  readonly address: string;
  readonly signal: AbortSignal;
};

type KeyFacts = { readonly admitted: Admitted | null; readonly isStale: boolean };
type GatewayAnswer = KeyFacts & {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null;
};
type GatewayFailure = KeyFacts & ClientFailure & { readonly isClient: boolean };

/**
 * Makes the gateway's route handler. A failure is a problem (RFC 9457) with the members that DingTalk's clients read
 * added; a client without an API key receives DingTalk's own form.
 */
export const defineGateway =
  (passOn: (incoming: Incoming) => Promise<GatewayAnswer | GatewayFailure>) =>
  async (request: Request): Promise<Response> => {
    const { method, headers, signal } = request;
    const asked = requestContext(headers);
    const passed = await passOn({
      method,
      target: headers.get(PATH_HEADER) ?? "",
      headers,
      body: request.body,
      address: asked.address,
      signal,
    });
    if ("failure" in passed && signal.aborted) return clientGone();
    const response =
      "failure" in passed
        ? await failed(passed, asked)
        : new Response(passed.body, { status: passed.status, headers: headersPastNext(passed.headers) });
    const { admitted, isStale } = passed;
    const isRateUp = "failure" in passed && passed.failure instanceof TooManyRequests;
    const rate = isRateUp ? passed.failure.rate : (admitted?.rate ?? null);
    const answer = withHeaders(response, { requestId: asked.requestId, isStale, rate });
    answer.headers.set("cache-control", "no-store");
    return answer;
  };

async function failed(failure: GatewayFailure, asked: RequestContext): Promise<Response> {
  const problem = await problemOf(failure.failure, asked);
  const said = (await problem.json()) as { title: string; detail?: string };
  const { errcode, code } = clientWords(failure);
  const message = said.detail === undefined ? said.title : `${said.title} (${said.detail})`;
  const ofOapi = { errcode, errmsg: message, request_id: asked.requestId };
  const ofApi = { message, requestid: asked.requestId, ...(failure.isClient && { code }) };
  const body = { ...said, ...(failure.host === "oapi" ? ofOapi : ofApi) };
  const { headers } = problem;
  if (failure.isClient) {
    headers.set("content-type", "application/json; charset=utf-8");
    headers.delete("www-authenticate");
  }
  const status = (failure.isClient && clientStatus(failure)) || problem.status;
  return new Response(JSON.stringify(body), { status, headers });
}
