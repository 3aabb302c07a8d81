import type { Redacted } from "@/lib/redacted";
import { err, type Result } from "@/lib/result";
import type { DingtalkErrorKind } from "./error-kinds";
import { DingtalkError } from "./errors";
import { hideSecrets } from "./hide-secrets";
import { type AnswerContext, incompleteAnswer, interpretAnswer, requestIdOf } from "./interpret-answer";
import { baseOf, type Run } from "./request";
import { type Outgoing, send } from "./send";
import { EXCHANGE_MS_MAX, TimeLimitReached, withTimeLimit } from "./time-limit";

const CONTENT_TYPE_CHARACTERS_MAX = 200;

export type Exchanged<T> = {
  readonly outcome: Result<T, DingtalkError>;
  readonly status: number | null;
  readonly dateMs: number | null;
  readonly requestId: string | null;
  readonly bytes: number;
};

/** @throws the signal's reason when it aborts */
export async function exchange<T>(
  run: Run<T>,
  token: Redacted | null,
  sentAtMs: number,
): Promise<Exchanged<T>> {
  const { dingtalk, request, signal, deadlineMs } = run;
  const host = baseOf(run).host;
  const secrets = [...(request.secrets ?? []), ...(token ? [token] : [])].map((secret) => secret.reveal());
  const limitMs = Math.min(dingtalk.timeoutMs, EXCHANGE_MS_MAX, deadlineMs - sentAtMs);
  const fail = (kind: DingtalkErrorKind, upstream: object, status: number | null): Exchanged<T> => ({
    outcome: err(new DingtalkError({ kind, api: request.api, upstream: { ...upstream, host, status } })),
    status,
    dateMs: null,
    requestId: null,
    bytes: 0,
  });
  try {
    const sent = await withTimeLimit({ limitMs, signal }, (limited) =>
      send(dingtalk.dispatcher, outgoingOf(run, token), limited),
    );
    if (!sent.ok) {
      const { kind, networkCode, status, contentType } = sent.error;
      const type = contentType && hideSecrets(contentType, secrets).slice(0, CONTENT_TYPE_CHARACTERS_MAX);
      return fail(kind, { networkCode, contentType: type }, status);
    }
    const { raw, dateMs } = sent.value;
    const context: AnswerContext = {
      api: request.api,
      host: request.host,
      hostName: host,
      isTokenCall: request.token === null,
      secrets,
      sent: () => sentBy(run),
      nowMs: dingtalk.now(),
    };
    const answer = interpretAnswer(raw, context);
    const received = { status: raw.status, dateMs, bytes: Buffer.byteLength(raw.text) };
    if (!answer.ok) return { outcome: answer, ...received, requestId: answer.error.upstream.requestId };
    const read = request.read(answer.value, sentAtMs);
    const outcome = read.ok ? read : err(incompleteAnswer(read.error, answer.value, [raw, context]));
    return { outcome, ...received, requestId: requestIdOf(answer.value, raw, context) };
  } catch (error) {
    if (!(error instanceof TimeLimitReached) || signal?.aborted) throw error;
    return fail("timeout", {}, null);
  }
}

function sentBy<T>({ request: { api, path = api, query = {}, body = "" } }: Run<T>): string {
  return [path, ...Object.entries(query).flat(), body].join(" ");
}

/** The older host accepts the token only in the query, the new one in a header. */
function outgoingOf<T>(run: Run<T>, token: Redacted | null): Outgoing {
  const { host, api, path = api, method, query = {}, body = null } = run.request;
  const url = baseOf(run);
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/${path}`;
  url.search = new URLSearchParams({
    ...query,
    ...(token && host === "oapi" ? { access_token: token.reveal() } : {}),
  }).toString();
  const headers = {
    ...(body === null ? {} : { "content-type": "application/json" }),
    ...(token && host === "api" ? { "x-acs-dingtalk-access-token": token.reveal() } : {}),
  };
  return { method, url, headers, body };
}
