import "server-only";
import { pipeline, type Readable } from "node:stream";
import { type Dispatcher, request } from "undici";
import type { DingtalkCaller } from "@/lib/dingtalk/call";
import type { Dingtalk } from "@/lib/dingtalk/client";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { hideSecrets } from "@/lib/dingtalk/hide-secrets";
import { interpretAnswer, type RawAnswer } from "@/lib/dingtalk/interpret-answer";
import { decoderOf } from "@/lib/dingtalk/read-body";
import { headerOf, kindOfNetworkCode, networkCodeOf } from "@/lib/dingtalk/send";
import { TimeLimitReached, withTimeLimit } from "@/lib/dingtalk/time-limit";
import type { Redacted } from "@/lib/redacted";
import { headersDown, TOKEN_HEADER } from "./headers";
import type { SentBody } from "./buffer-body";
import { hideToken, hideTokenIn } from "./hide-token";
import { lookInto } from "./inspect-answer";
import { withToken } from "./query";
import { type Target, urlOf } from "./target";

/** A call on its way to DingTalk: all of it was looked at, and the token is still to come. */
export type Onward = {
  readonly dingtalk: Dingtalk;
  readonly caller: DingtalkCaller;
  readonly target: Target;
  /** The name that DingTalk's limits count it under. */
  readonly api: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: SentBody;
  readonly signal: AbortSignal;
};

/** What DingTalk answered. */
export type Answered = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly whole: Buffer | null;
  readonly onItsWay: Readable | null;
  /** What the answer says no to; `null` for a yes, and for what was not read. */
  readonly refusal: DingtalkError | null;
  /** DingTalk's code where the answer was read. */
  readonly errcode: string | null;
  readonly requestId: string | null;
};

/** To the answer's first byte, and to the last of one that is read before it is passed on. */
const ANSWER_MS_MAX = 30_000;
/** Between two pieces of an answer that is streamed. */
const PIECE_MS_MAX = 30_000;

/** Statuses without a body. */
const BODILESS = new Set([204, 205, 304]);

/**
 * Sends a call once. What comes back is passed on as it is; short answers that could be a refusal are read as well.
 *
 * @throws {DingtalkError} when no answer came: it may have happened all the same
 * @throws the signal's reason when whoever called is gone
 */
export async function exchange(onward: Onward, token: Redacted, attempt: number): Promise<Answered> {
  const { dingtalk, caller, api, signal } = onward;
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
      sendAndLook(onward, token, limited),
    );
    note({ outcome: answered.refusal ?? "ok", status: answered.status, dateMs });
    return answered;
  } catch (error) {
    signal.throwIfAborted();
    const failure = failureOf(onward, error);
    if (failure instanceof DingtalkError) note({ outcome: failure, status: null, dateMs: null });
    throw failure;
  }
}

const baseOf = ({ dingtalk, target }: Pick<Onward, "dingtalk" | "target">): string =>
  target.host === "oapi" ? dingtalk.oapiUrl : dingtalk.apiUrl;

function failureOf(onward: Onward, error: unknown): unknown {
  const { host } = new URL(baseOf(onward));
  const { api } = onward;
  if (error instanceof TimeLimitReached)
    return new DingtalkError({ kind: "timeout", api, upstream: { host } });
  const networkCode = networkCodeOf(error);
  if (networkCode === null) return error;
  return new DingtalkError({ kind: kindOfNetworkCode(networkCode), api, upstream: { host, networkCode } });
}

async function sendAndLook(onward: Onward, token: Redacted, signal: AbortSignal) {
  const answer = await send(onward, token, signal);
  const date = Date.parse(headerOf(answer.headers, "date") ?? "");
  const answered = await look(answer, onward, token);
  return { answered, dateMs: Number.isNaN(date) ? null : date };
}

function send(onward: Onward, token: Redacted, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
  const { dingtalk, target, method, headers, body } = onward;
  const isOapi = target.host === "oapi";
  const url = urlOf(target, baseOf(onward));
  url.search = withToken(target.query, isOapi ? token.reveal() : null);
  return request(url, {
    dispatcher: dingtalk.dispatcher,
    method,
    headers: { ...headers, ...(!isOapi && { [TOKEN_HEADER]: token.reveal() }) },
    body: body.whole ?? body.onItsWay,
    signal,
    headersTimeout: ANSWER_MS_MAX,
    bodyTimeout: PIECE_MS_MAX,
  });
}

/** Reads an answer as far as it could be a refusal. The token is in nothing that comes back. */
async function look(answer: Dispatcher.ResponseData, onward: Onward, token: Redacted): Promise<Answered> {
  const { statusCode: status, headers } = answer;
  const contentType = headerOf(headers, "content-type");
  // What is in a file is somebody's own words: a page that looks like a ban would hold back every tenant's calls.
  const isFile = headerOf(headers, "content-disposition") !== null;
  const isOapi = onward.target.host === "oapi";
  const mayRefuse = !isFile && (isOapi ? /json|html/i.test(contentType ?? "") : status >= 400);
  const { body, isUnpacked } = unpacked(answer, onward);
  const { whole, onItsWay } =
    mayRefuse || BODILESS.has(status) ? await lookInto(body) : { whole: null, onItsWay: body };
  const retryAfter = headerOf(headers, "retry-after");
  const requestId = hidden(headerOf(headers, "x-acs-request-id"), token);
  const understood =
    mayRefuse && whole
      ? understand(
          { status, contentType, retryAfter, requestId, text: whole.toString("utf8") },
          onward,
          token,
        )
      : null;
  return {
    status,
    headers: {
      ...headersDown(headers, token.reveal()),
      ...(onItsWay && !isUnpacked && lengthIn(headers)),
    },
    whole: whole && hideToken(whole, token),
    onItsWay: onItsWay && hideTokenIn(onItsWay, token),
    refusal: understood?.refusal ?? null,
    errcode: understood?.errcode ?? null,
    requestId: understood?.requestId ?? requestId,
  };
}

const hidden = (text: string | null, token: Redacted): string | null =>
  text === null ? null : hideSecrets(text, [token.reveal()]);

/**
 * An answer's body, unpacked if it came compressed although nobody asked for that.
 *
 * @throws {DingtalkError} `not_dingtalk` for an encoding that can't be unpacked, and so not be searched for the token
 */
function unpacked({ statusCode, headers, body }: Dispatcher.ResponseData, { api, method, ...to }: Onward) {
  const decoder = decoderOf(headerOf(headers, "content-encoding") ?? "");
  if (decoder === null || method === "HEAD" || BODILESS.has(statusCode)) return { body, isUnpacked: false };
  if (decoder === "unknown") {
    body.on("error", () => {}).destroy();
    const upstream = { host: new URL(baseOf(to)).host, status: statusCode };
    throw new DingtalkError({ kind: "not_dingtalk", api, upstream });
  }
  return { body: pipeline(body, decoder, () => {}), isUnpacked: true };
}

/** So that whoever gets a cut answer knows that it is cut. */
function lengthIn(headers: Dispatcher.ResponseData["headers"]): Record<string, string> {
  const length = headerOf(headers, "content-length") ?? "";
  return /^\d{1,15}$/.test(length) ? { "content-length": length } : {};
}

/** Answers of a form that DingTalk's clients know, and we don't, are no refusals. */
const NOT_UNDERSTOOD = new Set(["wrong_host", "not_dingtalk", "too_large"]);

function understand(raw: RawAnswer, { api, target, body, dingtalk }: Onward, token: Redacted) {
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
    return { refusal: null, errcode: "0", requestId: typeof id === "string" ? hidden(id, token) : null };
  }
  const { kind, upstream } = read.error;
  return {
    refusal: NOT_UNDERSTOOD.has(kind) ? null : read.error,
    errcode: upstream.subCode ?? upstream.code,
    requestId: upstream.requestId,
  };
}
