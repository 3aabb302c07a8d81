import type { Redacted } from "@/lib/redacted";
import { err, ok, type Result } from "@/lib/result";
import type { Dingtalk } from "./client";
import type { DingtalkErrorKind, DingtalkThrottleScope } from "./error-kinds";
import { DingtalkError, withKind } from "./errors";
import { hideSecrets } from "./hide-secrets";
import { type AnswerContext, incompleteAnswer, interpretAnswer } from "./interpret-answer";
import { EgressBanned, type PenaltyKey, type Turn } from "./limiter";
import type { JsonObject } from "./read-json";
import { waitBeforeRepeatMs } from "./retry-policy";
import { type Outgoing, send } from "./send";
import { TimeLimitReached, withTimeLimit } from "./time-limit";

/** Where a call's token comes from, and what to do about one that DingTalk no longer takes. */
export type TokenSource = {
  current(signal?: AbortSignal): Promise<Redacted>;
  /**
   * A token in place of `dead`. It is asked for at most once in a call; it renews only if `dead` is still
   * the one it holds, so that ten calls that fail together cause one renewal.
   */
  replace(dead: Redacted, signal?: AbortSignal): Promise<Redacted>;
};

/** The app on whose behalf a call is made. */
export type DingtalkCaller = {
  /** Its AppKey or SuiteKey. */
  readonly appKey: string;
  readonly token: TokenSource;
  /** DingTalk's own app, as the limiter knows it. Default: `appKey`. */
  readonly limiterId?: string;
  /** What DingTalk allows this app for each API; the server's own value where it is left out. */
  readonly callsPerSecond?: number;
};

export type DingtalkRequest<T> = Omit<DingtalkCaller, "token"> & {
  readonly host: "oapi" | "api";
  /** The route, without a slash in front; also its name in errors, counters and the limiter. */
  readonly api: string;
  /** The route as it is sent, where a part of it varies; `api` is its template then. */
  readonly path?: string;
  readonly method: "GET" | "POST";
  /** `null` for the calls that ask for a token. */
  readonly token: TokenSource | null;
  readonly query?: Readonly<Record<string, string>>;
  /** JSON text. */
  readonly body?: string;
  /** Secrets in `query` or `body`, which no error may quote. */
  readonly secrets?: readonly Redacted[];
  /**
   * Takes what the caller wants from an answer that says yes, or names the fields that are not as documented.
   * @param sentAtMs when the request left, in milliseconds since the epoch
   */
  readonly read: (answer: JsonObject, sentAtMs: number) => Result<T, string>;
};

/** One call under way. */
type Run<T> = {
  readonly dingtalk: Dingtalk;
  readonly request: DingtalkRequest<T>;
  readonly signal: AbortSignal | undefined;
  deadlineMs: number;
  attempts: number;
};

const EXCHANGE_MS_MAX = 30_000;
/** A job that waits out a ban, comes back and is banned again gives up in the end. */
const BANS_MAX = 3;
const BAN_WAIT_MS_MAX = 20 * 60_000;
const CONTENT_TYPE_CHARACTERS_MAX = 200;
const DEAD_TOKEN: ReadonlySet<DingtalkErrorKind> = new Set<DingtalkErrorKind>([
  "token_dead",
  "corp_mismatch",
]);
/** Throttles that hold back more than the API that was called. */
const WHOLE_APP: ReadonlySet<DingtalkThrottleScope | null> = new Set<DingtalkThrottleScope>([
  "server",
  "ip_corps",
  "corp",
  "app",
  "app_corp",
]);

/**
 * Makes one call: waits for its turn, sends, understands the answer, repeats what may be repeated.
 *
 * A token that DingTalk refuses is replaced once and the call sent once more; never again after that. All of
 * it but the token source's own time ends within `totalMs`: a pause that would reach beyond is not begun, and
 * the failure before it stands. A job's call (`priority: "background"`) waits for its turn as long as it takes,
 * and for the end of a ban too; that is no part of `totalMs`.
 *
 * @throws {DingtalkError} with its `kind`
 * @throws the signal's reason when it aborts; what the token source or the limiter throws
 */
export async function call<T>(
  dingtalk: Dingtalk,
  request: DingtalkRequest<T>,
  signal?: AbortSignal,
): Promise<T> {
  let token = request.token ? await request.token.current(signal) : null;
  const deadlineMs = dingtalk.now() + dingtalk.totalMs;
  const run: Run<T> = { dingtalk, request, signal, deadlineMs, attempts: 0 };
  let isReplaced = false;
  for (let tries = 1; ; ) {
    const outcome = await attempt(run, token);
    if (outcome.ok) return outcome.value;
    const { error } = outcome;
    if (request.token && token && DEAD_TOKEN.has(error.kind)) {
      if (isReplaced) throw refusedAgain(error);
      isReplaced = true;
      const askedAtMs = dingtalk.now();
      token = await request.token.replace(token, signal);
      run.deadlineMs += dingtalk.now() - askedAtMs;
      continue;
    }
    await pauseOrThrow(run, error, tries);
    tries += 1;
  }
}

/** A new token of another organization's says more by its own name. */
const refusedAgain = (error: DingtalkError): DingtalkError =>
  error.kind === "corp_mismatch" ? error : withKind(error, "token_refused_again");

/** Waits before a repeat, or throws the error when there is to be none. */
async function pauseOrThrow<T>(run: Run<T>, error: DingtalkError, tries: number): Promise<void> {
  const { dingtalk, request, signal, deadlineMs } = run;
  if (error.kind === "ip_banned" && error.upstream.status !== null) {
    await dingtalk.limiter.penalize("egress", dingtalk.now() + (error.retryAfterMs ?? 0));
    // Its next turn comes when the ban is over.
    if (dingtalk.priority === "background" && tries < BANS_MAX) return;
  }
  const waitMs = waitBeforeRepeatMs(error, { tries, random: dingtalk.random() });
  const untilMs = dingtalk.now() + (waitMs ?? error.retryAfterMs ?? 0);
  if (error.kind === "throttled" && error.throttleScope !== "own_limiter") {
    await dingtalk.limiter.penalize(penaltyKeyOf(request, error), heldUntilMs(dingtalk, error, untilMs));
  }
  if (waitMs === null || tries >= dingtalk.triesMax || untilMs > deadlineMs) throw error;
  await dingtalk.sleep(waitMs, signal);
}

/**
 * Until when a throttle holds back everybody else. An app's own second is over after a second; if this call
 * has met it several times, that is its own bad luck, and no reason for the others to stand still.
 */
function heldUntilMs(dingtalk: Dingtalk, error: DingtalkError, untilMs: number): number {
  if (error.throttleScope !== "app_api_second") return untilMs;
  return Math.min(untilMs, dingtalk.now() + (error.retryAfterMs ?? 0));
}

function penaltyKeyOf(
  { appKey, limiterId = appKey, api }: DingtalkRequest<unknown>,
  { throttleScope }: DingtalkError,
): PenaltyKey {
  return { limiterId, api: WHOLE_APP.has(throttleScope) ? null : api };
}

async function attempt<T>(run: Run<T>, token: Redacted | null): Promise<Result<T, DingtalkError>> {
  const { dingtalk, request } = run;
  const turn = await takeTurn(run);
  if (!turn.ok) return turn;

  run.attempts += 1;
  const sentAtMs = dingtalk.now();
  const { outcome, status, dateMs } = await exchange(run, token, sentAtMs);
  const endedAtMs = dingtalk.now();
  dingtalk.onAttempt({
    appKey: request.appKey,
    api: request.api,
    outcome: outcome.ok ? "ok" : outcome.error.kind,
    durationMs: endedAtMs - sentAtMs,
    attempt: run.attempts,
    status,
    throttleScope: outcome.ok ? null : outcome.error.throttleScope,
    clockSkewMs: dateMs === null ? null : dateMs - endedAtMs,
  });
  return outcome;
}

/** The limiter's permission; a queue that is longer than the call's whole time is a throttle of our own. */
async function takeTurn<T>(run: Run<T>): Promise<Result<null, DingtalkError>> {
  const { dingtalk, signal } = run;
  if (dingtalk.priority === "background") return takeTurnInTime(run);
  try {
    await withTimeLimit({ limitMs: run.deadlineMs - dingtalk.now(), signal }, (limited) =>
      dingtalk.limiter.take(turnOf(run), limited),
    );
    return ok(null);
  } catch (error) {
    if (error instanceof EgressBanned) return err(bannedError(run, error));
    if (!(error instanceof TimeLimitReached) || signal?.aborted) throw error;
    const upstream = { host: baseOf(run).host, message: "held back by our own limiter" };
    return err(
      new DingtalkError({
        kind: "throttled",
        api: run.request.api,
        upstream,
        throttleScope: "own_limiter",
        retryAfterMs: 1_000,
      }),
    );
  }
}

/** The same for a job, which waits until the turn comes. */
async function takeTurnInTime<T>(run: Run<T>): Promise<Result<null, DingtalkError>> {
  const { dingtalk, signal } = run;
  const askedAtMs = dingtalk.now();
  for (;;) {
    try {
      await dingtalk.limiter.take(turnOf(run), signal);
      break;
    } catch (error) {
      if (!(error instanceof EgressBanned)) throw error;
      const waitedMs = dingtalk.now() - askedAtMs;
      if (waitedMs + error.waitMs > BAN_WAIT_MS_MAX) return err(bannedError(run, error));
      await dingtalk.sleep(error.waitMs, signal);
    }
  }
  run.deadlineMs += dingtalk.now() - askedAtMs;
  return ok(null);
}

function turnOf<T>({ dingtalk, request }: Run<T>): Turn {
  const { appKey, limiterId = appKey, api, callsPerSecond } = request;
  return { limiterId, api, priority: dingtalk.priority, ...(callsPerSecond && { callsPerSecond }) };
}

/** Nothing was sent: DingTalk has told another call. */
function bannedError<T>(run: Run<T>, { waitMs }: EgressBanned): DingtalkError {
  const upstream = { host: baseOf(run).host, message: "held back until the ban is over" };
  return new DingtalkError({ kind: "ip_banned", api: run.request.api, upstream, retryAfterMs: waitMs });
}

type Exchanged<T> = {
  readonly outcome: Result<T, DingtalkError>;
  readonly status: number | null;
  readonly dateMs: number | null;
};

async function exchange<T>(run: Run<T>, token: Redacted | null, sentAtMs: number): Promise<Exchanged<T>> {
  const { dingtalk, request, signal, deadlineMs } = run;
  const host = baseOf(run).host;
  const secrets = [...(request.secrets ?? []), ...(token ? [token] : [])].map((secret) => secret.reveal());
  const limitMs = Math.min(dingtalk.timeoutMs, EXCHANGE_MS_MAX, deadlineMs - sentAtMs);
  const fail = (kind: DingtalkErrorKind, upstream: object, status: number | null): Exchanged<T> => ({
    outcome: err(new DingtalkError({ kind, api: request.api, upstream: { ...upstream, host, status } })),
    status,
    dateMs: null,
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
      nowMs: dingtalk.now(),
    };
    const answer = interpretAnswer(raw, context);
    if (!answer.ok) return { outcome: answer, status: raw.status, dateMs };
    const read = request.read(answer.value, sentAtMs);
    const outcome = read.ok ? read : err(incompleteAnswer(read.error, answer.value, [raw, context]));
    return { outcome, status: raw.status, dateMs };
  } catch (error) {
    if (!(error instanceof TimeLimitReached) || signal?.aborted) throw error;
    return fail("timeout", {}, null);
  }
}

function baseOf<T>({ dingtalk, request }: Run<T>): URL {
  return new URL(request.host === "oapi" ? dingtalk.oapiUrl : dingtalk.apiUrl);
}

/** The older host takes its token in the query only, the new one in a header. */
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
