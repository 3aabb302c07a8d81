import { onTestFinished } from "vitest";
import { Redacted } from "@/lib/redacted";
import type { DingtalkCaller, TokenSource } from "../call";
import { createDingtalk, type DingtalkAttempt, type DingtalkOptions } from "../client";
import { createDispatcher } from "../dispatcher";
import { DingtalkError } from "../errors";
import type { Limiter } from "../limiter";

export const freeLimiter: Limiter = { take: async () => {}, penalize: () => {} };

/** Uses real sockets, and a clock that only `sleep` and `advance` move. */
export function makeDingtalk(options: Partial<DingtalkOptions> & { url?: string } = {}) {
  const waitsMs: number[] = [];
  const attempts: DingtalkAttempt[] = [];
  let nowMs = Date.UTC(2026, 0, 1);
  const { url = "http://127.0.0.1:1", ...rest } = options;
  const dispatcher = options.dispatcher ?? createDispatcher({ connections: 50 });
  onTestFinished(() => dispatcher.destroy());
  const dingtalk = createDingtalk({
    oapiUrl: url,
    apiUrl: url,
    limiter: freeLimiter,
    now: () => nowMs,
    random: () => 0.5,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      waitsMs.push(ms);
      nowMs += ms;
    },
    onAttempt: (attempt) => attempts.push(attempt),
    ...rest,
    dispatcher,
  });
  return { dingtalk, waitsMs, attempts, advance: (ms: number) => (nowMs += ms) };
}

/** Creates a caller whose first token is current and whose other tokens are the replacements, in order. */
export function makeCaller(...tokens: string[]) {
  const replaced: string[] = [];
  const [first = "token-1", ...others] = tokens;
  const token: TokenSource = {
    current: async () => new Redacted(first),
    replace: async (dead) => {
      replaced.push(dead.reveal());
      return new Redacted(others.shift() ?? "token-new");
    },
  };
  const caller: DingtalkCaller = { appKey: "dingkey", token };
  return { caller, replaced };
}

/** Returns the error of a call. Throws if the call succeeds. */
export async function refusalOf(promise: Promise<unknown>): Promise<DingtalkError> {
  const outcome = await promise.then(
    () => null,
    (error: unknown) => error,
  );
  if (outcome instanceof DingtalkError) return outcome;
  throw new Error(`expected a DingtalkError, got ${String(outcome)}`);
}
