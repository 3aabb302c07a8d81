import "server-only";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { EgressBanned, TurnTooLate } from "@/lib/dingtalk/limiter";
import { pauseCalls } from "@/lib/dingtalk/pause-calls";
import { DEAD_TOKEN } from "@/lib/dingtalk/retry-policy";
import { WaitingRequests } from "@/lib/limits/waiting-requests";
import { processWide } from "@/lib/process-wide";
import type { Redacted } from "@/lib/redacted";
import type { OutboundCall, UpstreamAnswer } from "./inspect-answer";
import { sendOnce } from "./send-once";

/** Default wait for a free slot of the limiter, for callers without a `Prefer: wait` header. */
const DEFAULT_WAIT_MS = 1_000;

export type WaitOptions = {
  readonly waitMs: number;
  readonly organizationId: string;
  readonly keyId: string;
  readonly confirm: () => Promise<unknown>;
};

/** A revoked key stops within a second, even while its call waits. */
const CONFIRMED_FOR_MS = 500;

export type CallCounts = { attempts: number; throttles: number };

export type RepeatedCall = {
  readonly answered: UpstreamAnswer;
  /** DingTalk throttled the call for longer than the caller accepts to wait. */
  readonly isThrottled: boolean;
};

const waiting = () => processWide("gateway.waiting", () => new WaitingRequests());

/**
 * Sends a call, and repeats it if DingTalk did not execute it: once with a new token, and after a throttle while the
 * caller waits. Never repeats a timeout, a broken connection or a streamed body.
 * @param progress counts the attempts and the throttled ones
 * @throws {DingtalkError} `throttled` or `ip_banned` when the call can't be sent in time; any kind without token or
 *   answer
 * @throws {AppError} `rate_limited` when too many calls wait; errors of `confirm`
 */
export async function repeatCall(
  outbound: OutboundCall,
  { waitMs, organizationId, keyId, confirm }: WaitOptions,
  progress: CallCounts,
  first: Redacted,
): Promise<RepeatedCall> {
  const { dingtalk, caller, body, signal } = outbound;
  let confirmedAtMs = dingtalk.now();
  const deadlineMs = confirmedAtMs + waitMs;
  const mayRepeat = body.stream === null;
  const beginWaiting = () => waiting().enter(organizationId, keyId);
  let token = first;
  let isReplaced = false;
  for (let attempt = 1; ; attempt += 1) {
    await takeTurn(outbound, beginWaiting, deadlineMs);
    if (dingtalk.now() - confirmedAtMs > CONFIRMED_FOR_MS) {
      await confirm();
      confirmedAtMs = dingtalk.now();
    }
    progress.attempts += 1;
    const answered = await sendOnce(outbound, token, attempt);
    const { refusal } = answered;
    if (refusal && DEAD_TOKEN.has(refusal.kind) && !isReplaced) {
      isReplaced = true;
      const renewed = caller.token.replace(token, signal);
      if (mayRepeat) {
        token = await renewed;
        continue;
      }
      // A streamed body can't be sent again, but the next call needs the new token.
      renewed.catch(() => {});
    }
    const pauseMs = refusal && (await pauseOf(outbound, refusal));
    if (pauseMs === null) return { answered, isThrottled: false };
    progress.throttles += 1;
    if (!mayRepeat || dingtalk.now() + pauseMs > deadlineMs) return { answered, isThrottled: true };
    const leave = beginWaiting();
    try {
      await dingtalk.sleep(pauseMs, signal);
    } finally {
      leave();
    }
  }
}

/** Pauses all calls that the throttle affects, and returns this call's pause in milliseconds; `null` if it isn't throttled. */
async function pauseOf(
  { dingtalk, caller, target, api }: OutboundCall,
  refusal: DingtalkError,
): Promise<number | null> {
  if (refusal.kind !== "throttled" && refusal.kind !== "ip_banned") return null;
  const pauseMs = refusal.retryAfterMs ?? DEFAULT_WAIT_MS;
  await pauseCalls(dingtalk, { ...caller, host: target.host, api }, refusal, dingtalk.now() + pauseMs);
  return pauseMs;
}

async function takeTurn(
  outbound: OutboundCall,
  beginWaiting: () => () => void,
  deadlineMs: number,
): Promise<void> {
  const { dingtalk, caller, api, signal } = outbound;
  const { appKey, limiterId = appKey, callsPerSecond } = caller;
  const turn = { limiterId, api, ...(callsPerSecond && { callsPerSecond }) };
  const untilMs = Math.max(deadlineMs, dingtalk.now() + DEFAULT_WAIT_MS);
  const leave = beginWaiting();
  try {
    for (;;) {
      try {
        return await dingtalk.limiter.take({ ...turn, waitMs: untilMs - dingtalk.now() }, signal);
      } catch (error) {
        if (error instanceof TurnTooLate) throw notSentError(outbound, "throttled", error.waitMs);
        if (!(error instanceof EgressBanned)) throw error;
        if (dingtalk.now() + error.waitMs > untilMs) throw notSentError(outbound, "ip_banned", error.waitMs);
        await dingtalk.sleep(error.waitMs, signal);
      }
    }
  } finally {
    leave();
  }
}

function notSentError(
  { api }: OutboundCall,
  kind: "throttled" | "ip_banned",
  retryAfterMs: number,
): DingtalkError {
  const upstream = { host: "", message: "delayed by Dingkeep's own limiter" };
  const throttleScope = kind === "throttled" ? "own_limiter" : null;
  return new DingtalkError({ kind, api, upstream, throttleScope, retryAfterMs });
}
