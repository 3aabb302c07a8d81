import "server-only";
import { type Dispatcher, errors, request } from "undici";
import type { Redacted } from "@/lib/redacted";
import { AddressRefused } from "./guarded-dispatcher";
import { type SignedMessage, signatureHeaders } from "./signature";

/** Time limit of a delivery, from the name's resolution to the end of the response. */
const DELIVERY_MS = 10_000;
const RESPONSE_BYTES_MAX = 64 * 1024;
const ANSWER_BYTES = 4 * 1024;

/** Why a delivery got no complete response. */
export type PostFailure = "private" | "unresolvable" | "timeout" | "certificate" | "connection";

export type PostOutcome = {
  /** `null` without a response. */
  readonly status: number | null;
  readonly failure: PostFailure | null;
  readonly durationMs: number;
  /** First 4 kB of the response. */
  readonly answer: Buffer;
  /** The response's `Retry-After`, in milliseconds from now. */
  readonly retryAfterMs: number | null;
};

export type Post = (url: URL, message: SignedMessage, secrets: readonly Redacted[]) => Promise<PostOutcome>;

/** Returns the time that `Retry-After` asks for. @see RFC 9110, section 10.2.3 */
export function readRetryAfter(header: string | undefined, nowMs: number): number | null {
  const text = header?.trim() ?? "";
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000;
  const atMs = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - nowMs);
}

/** Returns the beginning of a response. Reads up to the limit, so that the connection can be used again. */
async function readAnswer(body: Dispatcher.ResponseData["body"]): Promise<Buffer> {
  const kept: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      if (bytes < ANSWER_BYTES) kept.push(chunk.subarray(0, ANSWER_BYTES - bytes));
      bytes += chunk.length;
      if (bytes > RESPONSE_BYTES_MAX) break;
    }
  } catch {
    // The status decides about the delivery, and it has arrived.
  }
  return Buffer.concat(kept);
}

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : "";

function failureOf(error: unknown): PostFailure {
  if (error instanceof AddressRefused) return error.reason;
  const code = codeOf(error);
  if (error instanceof DOMException || /_TIMEOUT$|^ETIMEDOUT$/.test(code)) return "timeout";
  return /CERT|^ERR_TLS|SELF_SIGNED|UNABLE_TO_/.test(code) ? "certificate" : "connection";
}

/** Sends messages over the connections of `dispatcher`. Redirects are responses like any other and are not followed. */
export function makePost(dispatcher: Dispatcher, now: () => number = Date.now): Post {
  return async (url, message, secrets) => {
    const startedAtMs = performance.now();
    const end = (outcome: Partial<PostOutcome>): PostOutcome => ({
      status: null,
      failure: null,
      answer: Buffer.alloc(0),
      retryAfterMs: null,
      ...outcome,
      durationMs: Math.round(performance.now() - startedAtMs),
    });
    try {
      const { statusCode, headers, body } = await request(url, {
        dispatcher,
        method: "POST",
        headers: {
          "content-type": "application/json",
          "user-agent": "Dingkeep-Webhooks/1",
          ...signatureHeaders(message, secrets),
        },
        body: message.body,
        signal: AbortSignal.timeout(DELIVERY_MS),
      });
      const retryAfter = [headers["retry-after"]].flat()[0];
      const answer = await readAnswer(body);
      return end({ status: statusCode, answer, retryAfterMs: readRetryAfter(retryAfter, now()) });
    } catch (error) {
      if (error instanceof errors.InvalidArgumentError) throw error;
      return end({ failure: failureOf(error) });
    }
  };
}
