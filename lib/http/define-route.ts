import "server-only";
import type { z } from "zod";
import { Answer, type Body, type Call } from "@/lib/api/call";
import type { Contract } from "@/lib/api/contract";
import {
  type Admitted,
  admitKey,
  confirmKey,
  type RequestRate,
  TooManyRequests,
} from "@/lib/api-keys/admit-key";
import { findApp } from "@/lib/api-keys/find-app";
import { grantToKey } from "@/lib/auth/actor";
import type { Scope } from "@/lib/auth/scopes";
import { notFound } from "@/lib/errors";
import { answerOnce } from "@/lib/idempotency/idempotency";
import { countRequest } from "@/lib/metrics/count";
import { problemOf } from "@/lib/problems/problem-response";
import { requestContext } from "@/lib/request/context";
import { readBody, readBodyText, readQuery } from "./read-request";
import { clientGone, withHeaders } from "./response-headers";

/** Next passes no parameters for a path without any. */
type Context = { readonly params: Promise<Readonly<Record<string, string>> | undefined> };

/** Makes a route of the machine API. `handle` returns the body, an `Answer`, or a `Response` for a stream. */
export function defineRoute<
  P extends z.ZodObject,
  Q extends z.ZodObject,
  B extends z.ZodType | null,
  A extends z.ZodType | null,
  S extends Scope,
>(
  contract: Contract<P, Q, B, A> & { readonly scope: S },
  handle: (call: Call<S, P, Q, B>) => Promise<(A extends z.ZodType ? z.input<A> : null) | Answer | Response>,
) {
  return async (request: Request, context: Context): Promise<Response> => {
    const caller = requestContext(request.headers);
    const { address, requestId } = caller;
    let rate: RequestRate | null = null;
    let isStale = false;
    const startedAtMs = performance.now();
    let response: Response;
    try {
      const admitted = await admitKey(request.headers.get("authorization"), address);
      ({ rate, isStale } = admitted);
      response = await answer(contract, handle, { request, context, address, admitted });
    } catch (error) {
      if (request.signal.aborted) return clientGone();
      if (error instanceof TooManyRequests) rate = error.rate;
      response = await problemOf(error, caller);
    }
    const isLongPoll = new URL(request.url).searchParams.has("wait");
    const durationMs = isLongPoll ? null : performance.now() - startedAtMs;
    countRequest(contract.operation, response.status, durationMs);
    return withHeaders(await withoutBodyForHead(request, response), { requestId, isStale, rate });
  };
}

/** Drops the body of an answer to HEAD. Next runs the GET handler and never reads the body, so a stream would stay open. */
export async function withoutBodyForHead({ method }: Request, response: Response): Promise<Response> {
  if (method !== "HEAD" || response.body === null) return response;
  await response.body.cancel();
  return new Response(null, response);
}

type AdmittedRequest = {
  readonly request: Request;
  readonly context: Context;
  readonly address: string;
  readonly admitted: Admitted;
};

async function answer<
  P extends z.ZodObject,
  Q extends z.ZodObject,
  B extends z.ZodType | null,
  S extends Scope,
>(
  contract: Contract<P, Q, B> & { readonly scope: S },
  handle: (call: Call<S, P, Q, B>) => Promise<unknown>,
  { request, context, address, admitted: { key } }: AdmittedRequest,
): Promise<Response> {
  const actor = grantToKey(key, contract.scope);
  const { appId: named, ...others } = (await context.params) ?? {};
  const appId = named === undefined ? {} : { appId: await findApp(key, named, "appId") };
  const params = contract.params.safeParse({ ...others, ...appId });
  // A malformed id gets the same `not_found` as an unknown one.
  if (!params.success) throw notFound("resource");
  const query = readQuery(contract.query, request.url);
  const text = contract.body === null ? "" : await readBodyText(request);
  const body = (contract.body === null ? null : readBody(contract.body, text)) as Body<B>;
  const { signal, headers } = request;
  const confirm = () => confirmKey(headers.get("authorization"), address, contract.scope);
  const call = { actor, key, params: params.data, query, body, address, signal, headers, confirm };
  const make = async () => toResponse(contract, await handle(call));
  const idempotencyKey = contract.method === "GET" ? null : request.headers.get("idempotency-key");
  if (idempotencyKey === null) return make();
  // A path and a query have several spellings; the parsed values are the same for all of them.
  const route = `${contract.method} ${contract.path} ${JSON.stringify(params.data)}`;
  return answerOnce(key, { idempotencyKey, route, text: JSON.stringify(query) + text }, make);
}

function toResponse({ answer: { status, schema } }: Contract, made: unknown): Response {
  if (made instanceof Response) return made;
  const { body, ...more } = made instanceof Answer ? made : new Answer(made);
  const init = { status: more.status ?? status, headers: more.headers };
  return schema === null || body === null ? new Response(null, init) : Response.json(body, init);
}
