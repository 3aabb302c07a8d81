import "server-only";
import { DEAD_TOKEN } from "@/lib/dingtalk/call";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { holdBack } from "@/lib/dingtalk/hold-back";
import { EgressBanned, TurnTooLate } from "@/lib/dingtalk/limiter";
import { WaitingRequests } from "@/lib/limits/waiting-requests";
import { processWide } from "@/lib/process-wide";
import type { Redacted } from "@/lib/redacted";
import { type Answered, exchange, type Onward } from "./exchange";

/** Whoever doesn't say how long they have time still waits for the space between two calls. */
const PATIENCE_MS = 1_000;

export type Patience = {
  /** How long the caller has time, in milliseconds. */
  readonly waitMs: number;
  /** Whose waiting it is. */
  readonly organizationId: string;
  readonly keyId: string;
  /** Throws when the key behind it is none any more. */
  readonly confirm: () => Promise<unknown>;
};

/** A key that was revoked stops within a second, also where its call waits. */
const CONFIRMED_FOR_MS = 500;

/** How often a call was sent, and throttled. */
export type CallCounts = { attempts: number; throttles: number };

/** How a call went. */
export type Forwarded = {
  readonly answered: Answered;
  /** DingTalk held it back for longer than the caller has time. */
  readonly isThrottled: boolean;
};

const waiting = () => processWide("gateway.waiting", () => new WaitingRequests());

/**
 * Passes a call on, and repeats it where DingTalk says that it did nothing: once with a new token when it refuses
 * the present one, and after a throttle as long as the caller has time. Never after a time-out or a broken
 * connection, and never with a body that isn't held.
 *
 * @param course is told each time that it is sent, and each time that DingTalk throttles it
 * @throws {DingtalkError} `throttled` or `ip_banned` when it isn't sent in time; when there is no token to be had, or
 *   no answer
 * @throws {AppError} `rate_limited` when too many of the key's or the organization's calls wait; what `confirm` throws
 */
export async function forward(
  onward: Onward,
  { waitMs, organizationId, keyId, confirm }: Patience,
  course: CallCounts,
  first: Redacted,
): Promise<Forwarded> {
  const { dingtalk, caller, body, signal } = onward;
  let confirmedAtMs = dingtalk.now();
  const deadlineMs = confirmedAtMs + waitMs;
  const mayRepeat = body.onItsWay === null;
  const beginWaiting = () => waiting().enter(organizationId, keyId);
  let token = first;
  let isReplaced = false;
  for (let attempt = 1; ; attempt += 1) {
    await takeTurn(onward, beginWaiting, deadlineMs);
    if (dingtalk.now() - confirmedAtMs > CONFIRMED_FOR_MS) {
      await confirm();
      confirmedAtMs = dingtalk.now();
    }
    course.attempts += 1;
    const answered = await exchange(onward, token, attempt);
    const { refusal } = answered;
    if (refusal && DEAD_TOKEN.has(refusal.kind) && !isReplaced) {
      isReplaced = true;
      const renewed = caller.token.replace(token, signal);
      if (mayRepeat) {
        token = await renewed;
        continue;
      }
      // Not this call: it can't be sent again. The next one finds a token that lives.
      renewed.catch(() => {});
    }
    const pauseMs = refusal && (await pauseOf(onward, refusal));
    if (pauseMs === null) return { answered, isThrottled: false };
    course.throttles += 1;
    if (!mayRepeat || dingtalk.now() + pauseMs > deadlineMs) return { answered, isThrottled: true };
    const leave = beginWaiting();
    try {
      await dingtalk.sleep(pauseMs, signal);
    } finally {
      leave();
    }
  }
}

/** How long a throttled call has to wait, after all others were held back too; `null` for one that isn't throttled. */
async function pauseOf(
  { dingtalk, caller, target, api }: Onward,
  refusal: DingtalkError,
): Promise<number | null> {
  if (refusal.kind !== "throttled" && refusal.kind !== "ip_banned") return null;
  const pauseMs = refusal.retryAfterMs ?? PATIENCE_MS;
  await holdBack(dingtalk, { ...caller, host: target.host, api }, refusal, dingtalk.now() + pauseMs);
  return pauseMs;
}

async function takeTurn(onward: Onward, beginWaiting: () => () => void, deadlineMs: number): Promise<void> {
  const { dingtalk, caller, api, signal } = onward;
  const { appKey, limiterId = appKey, callsPerSecond } = caller;
  const turn = { limiterId, api, ...(callsPerSecond && { callsPerSecond }) };
  const untilMs = Math.max(deadlineMs, dingtalk.now() + PATIENCE_MS);
  const leave = beginWaiting();
  try {
    for (;;) {
      try {
        return await dingtalk.limiter.take({ ...turn, waitMs: untilMs - dingtalk.now() }, signal);
      } catch (error) {
        if (error instanceof TurnTooLate) throw heldBackError(onward, "throttled", error.waitMs);
        if (!(error instanceof EgressBanned)) throw error;
        if (dingtalk.now() + error.waitMs > untilMs) throw heldBackError(onward, "ip_banned", error.waitMs);
        await dingtalk.sleep(error.waitMs, signal);
      }
    }
  } finally {
    leave();
  }
}

/** Nothing was sent. */
function heldBackError(
  { api }: Onward,
  kind: "throttled" | "ip_banned",
  retryAfterMs: number,
): DingtalkError {
  const upstream = { host: "", message: "held back by our own limiter" };
  const throttleScope = kind === "throttled" ? "own_limiter" : null;
  return new DingtalkError({ kind, api, upstream, throttleScope, retryAfterMs });
}
