import "server-only";
import { type Dispatcher, errors, request } from "undici";
import { err, ok, type Result } from "@/lib/result";
import type { DingtalkErrorKind } from "./error-kinds";
import type { RawAnswer } from "./interpret-answer";
import { readBody } from "./read-body";

export type Outgoing = {
  readonly method: "GET" | "POST";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text. */
  readonly body: string | null;
};

/** No usable answer: what went wrong, in our word and in the network's. */
export type SendFailure = {
  readonly kind: DingtalkErrorKind;
  readonly networkCode: string | null;
  /** What is known of an answer whose body could not be read. */
  readonly status: number | null;
  readonly contentType: string | null;
};

/** An answer, with DingTalk's clock (`date` header, milliseconds since the epoch) beside it. */
export type Sent = { readonly raw: RawAnswer; readonly dateMs: number | null };

/**
 * One HTTP exchange. Redirects are not followed: an answer of 3xx is an answer.
 *
 * The limits of time are the signal's; the limit of size is `readBody`'s.
 *
 * @throws the signal's reason when it aborts, nothing else
 */
export async function send(
  dispatcher: Dispatcher,
  { method, url, headers, body }: Outgoing,
  signal: AbortSignal,
): Promise<Result<Sent, SendFailure>> {
  try {
    const answer = await request(url, {
      dispatcher,
      method,
      signal,
      headers: { accept: "application/json", "accept-encoding": "gzip", ...headers },
      body,
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    const status = answer.statusCode;
    const contentType = headerOf(answer.headers, "content-type");
    const text = await readBody(answer.body, headerOf(answer.headers, "content-encoding") ?? "");
    if (!text.ok) {
      const kind = text.error === "too_large" ? "too_large" : "not_dingtalk";
      return err({ kind, networkCode: null, status, contentType });
    }
    const date = Date.parse(headerOf(answer.headers, "date") ?? "");
    const raw: RawAnswer = {
      status,
      contentType,
      text: text.value,
      retryAfter: headerOf(answer.headers, "retry-after"),
      requestId: headerOf(answer.headers, "x-acs-request-id"),
    };
    return ok({ raw, dateMs: Number.isNaN(date) ? null : date });
  } catch (error) {
    signal.throwIfAborted();
    const networkCode = networkCodeOf(error);
    return err({ kind: kindOfNetworkCode(networkCode ?? ""), networkCode, status: null, contentType: null });
  }
}

export function headerOf(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  name: string,
): string | null {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? null;
}

/** The code alone: the rest of a network error can quote addresses, and with them what was sent. */
export function networkCodeOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  // Several addresses of one host were tried: the first one's failure stands for all
  if (error instanceof AggregateError && error.errors.length > 0) return networkCodeOf(error.errors[0]);
  // The one failure of undici's whose code is not always set
  if (error instanceof errors.HTTPParserError) return "HPE_INVALID";
  const code = "code" in error ? String(error.code) : "";
  // undici wraps what the proxy's connection met
  if (code.startsWith("UND_ERR_PRX") && error.cause) return networkCodeOf(error.cause) ?? code;
  return /^[A-Z][A-Z0-9_]{1,63}$/.test(code) ? code : null;
}

const TIMEOUTS = new Set([
  "ETIMEDOUT",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_BODY_TIMEOUT",
]);
const TLS_CODE =
  /^(ERR_TLS|ERR_SSL|CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_CA|INVALID_PURPOSE|HOSTNAME_|PATH_LENGTH|EPROTO)/;

/** Our word for a failure of the network, by Node's, OpenSSL's or undici's code. */
export function kindOfNetworkCode(code: string): DingtalkErrorKind {
  if (code === "ENOTFOUND" || code === "EAI_AGAIN" || code === "EAI_NODATA") return "host_unresolved";
  if (TIMEOUTS.has(code)) return "timeout";
  if (TLS_CODE.test(code)) return "tls_failed";
  if (code.startsWith("HPE_")) return "not_dingtalk";
  if (code === "UND_ERR_HEADERS_OVERFLOW") return "too_large";
  return "unreachable";
}
