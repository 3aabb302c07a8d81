import "server-only";
import { type Admitted, TooManyRequests } from "@/lib/api-keys/admit-key";
import { type ClientFailure, clientErrorOf, clientStatus } from "@/lib/problems/dingtalk-client-error";
import { problemOf } from "@/lib/problems/problem-response";
import { type RequestContext, requestContext } from "@/lib/request/context";
import { headersPastNext } from "@/lib/request/headers-past-next";
import { PATH_HEADER } from "@/lib/request/internal-headers";
import { clientGone, withHeaders } from "./response-headers";

type Incoming = {
  readonly method: string;
  /** Raw path and query, which Next has not decoded. */
  readonly target: string;
  readonly headers: Headers;
  readonly body: ReadableStream<Uint8Array> | null;
  readonly address: string;
  readonly signal: AbortSignal;
};

type Admission = { readonly admitted: Admitted | null; readonly isStale: boolean };
type GatewayAnswer = Admission & {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null;
};
type GatewayFailure = Admission & ClientFailure & { readonly isClient: boolean };

/**
 * Makes the gateway's route handler. Failures are problems (RFC 9457) with DingTalk's fields, or in DingTalk's own
 * format.
 */
export const defineGateway =
  (passOn: (incoming: Incoming) => Promise<GatewayAnswer | GatewayFailure>) =>
  async (request: Request): Promise<Response> => {
    const { method, headers, signal } = request;
    const context = requestContext(headers);
    const passed = await passOn({
      method,
      target: headers.get(PATH_HEADER) ?? "",
      headers,
      body: request.body,
      address: context.address,
      signal,
    });
    if ("failure" in passed && signal.aborted) return clientGone();
    const response =
      "failure" in passed
        ? await failed(passed, context)
        : new Response(passed.body, { status: passed.status, headers: headersPastNext(passed.headers) });
    const { admitted, isStale } = passed;
    const isRateUp = "failure" in passed && passed.failure instanceof TooManyRequests;
    const rate = isRateUp ? passed.failure.rate : (admitted?.rate ?? null);
    const answer = withHeaders(response, { requestId: context.requestId, isStale, rate });
    answer.headers.set("cache-control", "no-store");
    return answer;
  };

async function failed(failure: GatewayFailure, context: RequestContext): Promise<Response> {
  const problem = await problemOf(failure.failure, context);
  const problemBody = (await problem.json()) as { title: string; detail?: string };
  const { errcode, code } = clientErrorOf(failure);
  const message =
    problemBody.detail === undefined ? problemBody.title : `${problemBody.title} (${problemBody.detail})`;
  const ofOapi = { errcode, errmsg: message, request_id: context.requestId };
  const ofApi = { message, requestid: context.requestId, ...(failure.isClient && { code }) };
  const body = { ...problemBody, ...(failure.host === "oapi" ? ofOapi : ofApi) };
  const { headers } = problem;
  if (failure.isClient) {
    headers.set("content-type", "application/json; charset=utf-8");
    headers.delete("www-authenticate");
  }
  const status = (failure.isClient && clientStatus(failure)) || problem.status;
  return new Response(JSON.stringify(body), { status, headers });
}
