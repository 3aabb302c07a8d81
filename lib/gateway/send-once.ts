import "server-only";
import { pipeline, type Readable } from "node:stream";
import { type Dispatcher, request } from "undici";
import type { DingtalkCaller } from "@/lib/dingtalk/call";
import { kindOfNetworkCode, networkCodeOf } from "@/lib/dingtalk/classify-network-error";
import type { Dingtalk } from "@/lib/dingtalk/client";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { hideSecrets } from "@/lib/dingtalk/hide-secrets";
import { interpretAnswer, type RawAnswer } from "@/lib/dingtalk/interpret-answer";
import { decoderOf } from "@/lib/dingtalk/read-body";
import { headerOf } from "@/lib/dingtalk/send";
import { TimeLimitReached, withTimeLimit } from "@/lib/dingtalk/time-limit";
import type { Redacted } from "@/lib/redacted";
import type { SentBody } from "./buffer-body";
import { responseHeaders, TOKEN_HEADER } from "./headers";
import { hideToken, hideTokenIn } from "./hide-token";
import { inspectAnswer } from "./inspect-answer";
import { type Target, urlOf } from "./parse-target";
import { withToken } from "./query-token";

export type OutboundCall = {
  readonly dingtalk: Dingtalk;
  readonly caller: DingtalkCaller;
  readonly target: Target;
  /** Name under which DingTalk's rate limits count the call. */
  readonly api: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: SentBody;
  readonly signal: AbortSignal;
};

/** DingTalk's answer: a short one is in `whole`, a longer one in `stream`. */
export type UpstreamAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly whole: Buffer | null;
  readonly stream: Readable | null;
  /** DingTalk's error; `null` for a success and for an answer that was not read. */
  readonly refusal: DingtalkError | null;
  /** DingTalk's error code; `null` if the answer was not read. */
  readonly errcode: string | null;
  readonly requestId: string | null;
};

/** Limit for the first byte of an answer, and for the last byte of an answer that is inspected. */
const ANSWER_MS_MAX = 30_000;
const CHUNK_MS_MAX = 30_000;

const BODILESS = new Set([204, 205, 304]);

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

const baseOf = ({ dingtalk, target }: Pick<OutboundCall, "dingtalk" | "target">): string =>
  target.host === "oapi" ? dingtalk.oapiUrl : dingtalk.apiUrl;

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

/** Parses an answer that may contain an error, and hides the token in everything that is passed on. */
async function parseAnswer(
  answer: Dispatcher.ResponseData,
  outbound: OutboundCall,
  token: Redacted,
): Promise<UpstreamAnswer> {
  const { statusCode: status, headers } = answer;
  const contentType = headerOf(headers, "content-type");
  // A tenant controls a file's content: a file that looks like a ban page would pause every tenant's calls.
  const isFile = headerOf(headers, "content-disposition") !== null;
  const isOapi = outbound.target.host === "oapi";
  const mayRefuse = !isFile && (isOapi ? /json|html/i.test(contentType ?? "") : status >= 400);
  const { body, isDecompressed } = decompressed(answer, outbound);
  const { whole, stream } =
    mayRefuse || BODILESS.has(status) ? await inspectAnswer(body) : { whole: null, stream: body };
  const retryAfter = headerOf(headers, "retry-after");
  const requestId = withoutToken(headerOf(headers, "x-acs-request-id"), token);
  const interpreted =
    mayRefuse && whole
      ? interpret(
          { status, contentType, retryAfter, requestId, text: whole.toString("utf8") },
          outbound,
          token,
        )
      : null;
  return {
    status,
    headers: {
      ...responseHeaders(headers, token.reveal()),
      ...(stream && !isDecompressed && contentLength(headers)),
    },
    whole: whole && hideToken(whole, token),
    stream: stream && hideTokenIn(stream, token),
    refusal: interpreted?.refusal ?? null,
    errcode: interpreted?.errcode ?? null,
    requestId: interpreted?.requestId ?? requestId,
  };
}

const withoutToken = (text: string | null, token: Redacted): string | null =>
  text === null ? null : hideSecrets(text, [token.reveal()]);

/** Returns the decompressed body. @throws {DingtalkError} `not_dingtalk` for an encoding that could hide the token */
function decompressed(
  { statusCode, headers, body }: Dispatcher.ResponseData,
  { api, method, ...to }: OutboundCall,
) {
  const decoder = decoderOf(headerOf(headers, "content-encoding") ?? "");
  if (decoder === null || method === "HEAD" || BODILESS.has(statusCode))
    return { body, isDecompressed: false };
  if (decoder === "unknown") {
    body.on("error", () => {}).destroy();
    const upstream = { host: new URL(baseOf(to)).host, status: statusCode };
    throw new DingtalkError({ kind: "not_dingtalk", api, upstream });
  }
  return { body: pipeline(body, decoder, () => {}), isDecompressed: true };
}

/** Lets the caller notice a truncated answer. */
function contentLength(headers: Dispatcher.ResponseData["headers"]): Record<string, string> {
  const length = headerOf(headers, "content-length") ?? "";
  return /^\d{1,15}$/.test(length) ? { "content-length": length } : {};
}

/** Answers in a form unknown to Dingkeep are not treated as errors: DingTalk's clients may understand them. */
const UNKNOWN_FORMS = new Set(["wrong_host", "not_dingtalk", "too_large"]);

function interpret(raw: RawAnswer, { api, target, body, dingtalk }: OutboundCall, token: Redacted) {
  const { host } = target;
  const read = interpretAnswer(raw, {
    api,
    host,
    hostName: new URL(host === "oapi" ? dingtalk.oapiUrl : dingtalk.apiUrl).host,
    isTokenCall: false,
    secrets: [token.reveal()],
    sent: () => [target.path, target.query, body.whole?.toString("utf8") ?? ""].join(" "),
    nowMs: dingtalk.now(),
  });
  if (read.ok) {
    const { request_id: id } = read.value;
    return {
      refusal: null,
      errcode: "0",
      requestId: typeof id === "string" ? withoutToken(id, token) : null,
    };
  }
  const { kind, upstream } = read.error;
  return {
    refusal: UNKNOWN_FORMS.has(kind) ? null : read.error,
    errcode: upstream.subCode ?? upstream.code,
    requestId: upstream.requestId,
  };
}
