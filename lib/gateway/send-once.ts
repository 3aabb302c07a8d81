import "server-only";
import { type Dispatcher, request } from "undici";
import { kindOfNetworkCode, networkCodeOf } from "@/lib/dingtalk/classify-network-error";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { headerOf } from "@/lib/dingtalk/send";
import { TimeLimitReached, withTimeLimit } from "@/lib/dingtalk/time-limit";
import type { Redacted } from "@/lib/redacted";
import { TOKEN_HEADER } from "./headers";
import { baseOf, type OutboundCall, parseAnswer, type UpstreamAnswer } from "./inspect-answer";
import { urlOf } from "./parse-target";
import { withToken } from "./query-token";

/** Limit for the first byte of an answer, and for the last byte of an answer that is inspected. */
const ANSWER_MS_MAX = 30_000;
const CHUNK_MS_MAX = 30_000;

/**
 * Sends a call once. Short answers that may contain an error are parsed; every answer is passed on unchanged.
 * @throws {DingtalkError} when no answer arrived; DingTalk may have executed the call
 * @throws the signal's reason
 */
export async function sendOnce(
  outbound: OutboundCall,
  token: Redacted,
  attempt: number,
): Promise<UpstreamAnswer> {
  const { dingtalk, caller, api, signal } = outbound;
  const sentAtMs = dingtalk.now();
  const note = (more: { outcome: "ok" | DingtalkError; status: number | null; dateMs: number | null }) => {
    const { outcome, status, dateMs } = more;
    const nowMs = dingtalk.now();
    dingtalk.onAttempt({
      appKey: caller.appKey,
      api,
      outcome: outcome === "ok" ? outcome : outcome.kind,
      durationMs: nowMs - sentAtMs,
      attempt,
      status,
      throttleScope: outcome === "ok" ? null : outcome.throttleScope,
      clockSkewMs: dateMs === null ? null : dateMs - nowMs,
    });
  };
  try {
    const { answered, dateMs } = await withTimeLimit({ limitMs: ANSWER_MS_MAX, signal }, (limited) =>
      sendAndInspect(outbound, token, limited),
    );
    note({ outcome: answered.refusal ?? "ok", status: answered.status, dateMs });
    return answered;
  } catch (error) {
    signal.throwIfAborted();
    const failure = failureOf(outbound, error);
    if (failure instanceof DingtalkError) note({ outcome: failure, status: null, dateMs: null });
    throw failure;
  }
}

function failureOf(outbound: OutboundCall, error: unknown): unknown {
  const { host } = new URL(baseOf(outbound));
  const { api } = outbound;
  if (error instanceof TimeLimitReached)
    return new DingtalkError({ kind: "timeout", api, upstream: { host } });
  const networkCode = networkCodeOf(error);
  if (networkCode === null) return error;
  return new DingtalkError({ kind: kindOfNetworkCode(networkCode), api, upstream: { host, networkCode } });
}

async function sendAndInspect(outbound: OutboundCall, token: Redacted, signal: AbortSignal) {
  const answer = await send(outbound, token, signal);
  const date = Date.parse(headerOf(answer.headers, "date") ?? "");
  const answered = await parseAnswer(answer, outbound, token);
  return { answered, dateMs: Number.isNaN(date) ? null : date };
}

function send(
  outbound: OutboundCall,
  token: Redacted,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  const { dingtalk, target, method, headers, body } = outbound;
  const isOapi = target.host === "oapi";
  const url = urlOf(target, baseOf(outbound));
  url.search = withToken(target.query, isOapi ? token.reveal() : null);
  return request(url, {
    dispatcher: dingtalk.dispatcher,
    method,
    headers: { ...headers, ...(!isOapi && { [TOKEN_HEADER]: token.reveal() }) },
    body: body.whole ?? body.stream,
    signal,
    headersTimeout: ANSWER_MS_MAX,
    bodyTimeout: CHUNK_MS_MAX,
  });
}
