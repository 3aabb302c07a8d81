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
  readonly body: string | null;
};

export type SendFailure = {
  readonly kind: DingtalkErrorKind;
  readonly networkCode: string | null;
  /** Set if an answer came but its body could not be read. */
  readonly status: number | null;
  readonly contentType: string | null;
};

/** An answer with DingTalk's time (`date` header, milliseconds since the epoch). */
export type Sent = { readonly raw: RawAnswer; readonly dateMs: number | null };

/** Makes one HTTP exchange without following redirects. @throws the signal's reason when it aborts; no other errors */
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

/** Returns only the code of a network error, because its message can quote the address with its secrets. */
export function networkCodeOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  if (error instanceof AggregateError && error.errors.length > 0) return networkCodeOf(error.errors[0]);
  // undici does not always set the code of this error
  if (error instanceof errors.HTTPParserError) return "HPE_INVALID";
  const code = "code" in error ? String(error.code) : "";
  // undici wraps failures of the connection to the proxy
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

export function kindOfNetworkCode(code: string): DingtalkErrorKind {
  if (code === "ENOTFOUND" || code === "EAI_AGAIN" || code === "EAI_NODATA") return "host_unresolved";
  if (TIMEOUTS.has(code)) return "timeout";
  if (TLS_CODE.test(code)) return "tls_failed";
  if (code.startsWith("HPE_")) return "not_dingtalk";
  if (code === "UND_ERR_HEADERS_OVERFLOW") return "too_large";
  return "unreachable";
}
