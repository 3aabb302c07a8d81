import "server-only";
import { type Dispatcher, request } from "undici";
import { err, ok, type Result } from "@/lib/result";
import { kindOfNetworkCode, networkCodeOf } from "./classify-network-error";
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
