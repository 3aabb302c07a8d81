import type { Redacted } from "@/lib/redacted";
import { err, ok, type Result } from "@/lib/result";
import type { Dingtalk } from "./client";
import { DingtalkError, withKind } from "./errors";
import { exchange } from "./exchange";
import { BAN_WAIT_MS_MAX, BANS_MAX } from "./ip-ban";
import { EgressBanned, type Turn, TurnTooLate } from "./limiter";
import { pauseCalls } from "./pause-calls";
import { baseOf, type DingtalkRequest, type Ending, type Run } from "./request";
import { DEAD_TOKEN, waitBeforeRepeatMs } from "./retry-policy";

export type { DingtalkCaller, DingtalkRequest, TokenSource } from "./request";

/**
 * Makes one call: waits for the limiter, sends, interprets the answer, and repeats the request where that is safe. A
 * refused token is replaced once. The call ends within `totalMs`, without the token source's time. A background call
 * also waits for its turn and for the end of a ban, which doesn't count.
 * @throws {DingtalkError} any kind
 * @throws the signal's reason; errors of the token source and of the limiter
 */
export async function call<T>(
  dingtalk: Dingtalk,
  request: DingtalkRequest<T>,
  signal?: AbortSignal,
): Promise<T> {
  const token = request.token ? await request.token.current(signal) : null;
  const startedAtMs = dingtalk.now();
  const deadlineMs = startedAtMs + dingtalk.totalMs;
  const run: Run<T> = { dingtalk, request, signal, deadlineMs, attempts: 0, throttles: 0, last: null };
  try {
    return await untilDone(run, token);
  } finally {
    if (run.last) report(run, run.last, startedAtMs);
  }
}

function report<T>(
  { dingtalk, request: { host, method, api }, attempts, throttles }: Run<T>,
  { error, ...last }: Ending,
  startedAtMs: number,
): void {
  dingtalk.onCall({
    host,
    method,
    api,
    startedAtMs,
    durationMs: dingtalk.now() - startedAtMs,
    outcome: error ? error.kind : "ok",
    throttleScope: error ? error.throttleScope : null,
    code: error ? (error.upstream.subCode ?? error.upstream.code) : null,
    attempts,
    throttles,
    ...last,
  });
}

async function untilDone<T>(run: Run<T>, first: Redacted | null): Promise<T> {
  const { dingtalk, request, signal } = run;
  let token = first;
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

/** Keeps `corp_mismatch`, which is more specific than `token_refused_again`. */
const refusedAgain = (error: DingtalkError): DingtalkError =>
  error.kind === "corp_mismatch" ? error : withKind(error, "token_refused_again");

async function pauseOrThrow<T>(run: Run<T>, error: DingtalkError, tries: number): Promise<void> {
  const { dingtalk, request, signal, deadlineMs } = run;
  const waitMs = waitBeforeRepeatMs(error, { tries, random: dingtalk.random() });
  const untilMs = dingtalk.now() + (waitMs ?? error.retryAfterMs ?? 0);
  await pauseCalls(dingtalk, request, error, untilMs);
  const isBanned = error.kind === "ip_banned" && error.upstream.status !== null;
  // The next turn in the limiter comes after the ban
  if (isBanned && dingtalk.priority === "background" && tries < BANS_MAX) return;
  if (waitMs === null || tries >= dingtalk.triesMax || untilMs > deadlineMs) throw error;
  await dingtalk.sleep(waitMs, signal);
}

async function attempt<T>(run: Run<T>, token: Redacted | null): Promise<Result<T, DingtalkError>> {
  const { dingtalk, request } = run;
  const turn = await takeTurn(run);
  if (!turn.ok) {
    run.last = { error: turn.error, status: null, requestId: null, bytes: 0 };
    return turn;
  }

  run.attempts += 1;
  const sentAtMs = dingtalk.now();
  const { outcome, status, dateMs, requestId, bytes } = await exchange(run, token, sentAtMs);
  const endedAtMs = dingtalk.now();
  run.last = { error: outcome.ok ? null : outcome.error, status, requestId, bytes };
  if (!outcome.ok && outcome.error.kind === "throttled") run.throttles += 1;
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

/** Waits for the limiter. A queue longer than the call's remaining time fails as `throttled` by `own_limiter`. */
async function takeTurn<T>(run: Run<T>): Promise<Result<null, DingtalkError>> {
  const { dingtalk, signal } = run;
  if (dingtalk.priority === "background") return takeBackgroundTurn(run);
  try {
    await dingtalk.limiter.take({ ...turnOf(run), waitMs: run.deadlineMs - dingtalk.now() }, signal);
    return ok(null);
  } catch (error) {
    if (error instanceof EgressBanned) return err(bannedError(run, error));
    if (!(error instanceof TurnTooLate)) throw error;
    const upstream = { host: baseOf(run).host, message: "delayed by Dingkeep's own limiter" };
    return err(
      new DingtalkError({
        kind: "throttled",
        api: run.request.api,
        upstream,
        throttleScope: "own_limiter",
        retryAfterMs: error.waitMs,
      }),
    );
  }
}

/** Waits for the limiter without a time limit, and up to `BAN_WAIT_MS_MAX` for the end of a ban. */
async function takeBackgroundTurn<T>(run: Run<T>): Promise<Result<null, DingtalkError>> {
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

function bannedError<T>(run: Run<T>, { waitMs }: EgressBanned): DingtalkError {
  const upstream = { host: baseOf(run).host, message: "held back until the ban is over" };
  return new DingtalkError({ kind: "ip_banned", api: run.request.api, upstream, retryAfterMs: waitMs });
}
