import "server-only";
import { pipeline, Readable } from "node:stream";
import type { Dispatcher } from "undici";
import type { DingtalkCaller } from "@/lib/dingtalk/call";
import type { Dingtalk } from "@/lib/dingtalk/client";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { hideSecrets } from "@/lib/dingtalk/hide-secrets";
import { interpretAnswer, type RawAnswer } from "@/lib/dingtalk/interpret-answer";
import { decoderOf } from "@/lib/dingtalk/read-body";
import { headerOf } from "@/lib/dingtalk/send";
import type { Redacted } from "@/lib/redacted";
import type { SentBody } from "./buffer-body";
import { responseHeaders } from "./headers";
import { hideToken, hideTokenIn } from "./hide-token";
import type { Target } from "./parse-target";

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

const BODILESS = new Set([204, 205, 304]);

export const baseOf = ({ dingtalk, target }: Pick<OutboundCall, "dingtalk" | "target">): string =>
  target.host === "oapi" ? dingtalk.oapiUrl : dingtalk.apiUrl;

/** At most this much of an answer is read before its first byte is passed on. */
export const INSPECTED_BYTES_MAX = 65_536;

type AnswerBody = { readonly whole: Buffer | null; readonly stream: Readable | null };

/** Reads a short body completely; returns a longer one as a stream from its first byte. */
async function inspectAnswer(body: Readable): Promise<AnswerBody> {
  const chunks: AsyncIterator<Buffer> = body[Symbol.asyncIterator]();
  const buffered: Buffer[] = [];
  let bytes = 0;
  for (;;) {
    const { value, done } = await chunks.next();
    if (done) return { whole: Buffer.concat(buffered), stream: null };
    buffered.push(value);
    bytes += value.length;
    if (bytes > INSPECTED_BYTES_MAX) break;
  }
  async function* rest(): AsyncGenerator<Buffer> {
    for (let chunk = buffered.shift(); chunk; chunk = buffered.shift()) yield chunk;
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
  }
  const stream = Readable.from(rest(), { objectMode: false });
  // The `finally` of a generator that was never read doesn't run
  stream.once("close", () => body.destroy());
  return { whole: null, stream };
}

/** Parses an answer that may contain an error, and hides the token in everything that is passed on. */
export async function parseAnswer(
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
