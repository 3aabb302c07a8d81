import type { DingtalkErrorKind } from "@/lib/dingtalk/error-kinds";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { AppError } from "@/lib/errors";
import { RunIsOver } from "../../runs/run-errors";

/** The pauses before a failed call is repeated, in milliseconds; more than four minutes in total. */
export const RETRY_PAUSES_MS: readonly number[] = [5_000, 10_000, 20_000, 40_000, 60_000, 60_000, 60_000];

/** How many paused calls are replaced by others. If more calls fail, DingTalk is down and others would fail too. */
const REPLACED_MAX = 20;

/** Faults that pass without a change. The client has already repeated each call within seconds. */
const PASSING: ReadonlySet<DingtalkErrorKind> = new Set<DingtalkErrorKind>([
  "throttled",
  "temporary_fault",
  "host_unresolved",
  "unreachable",
  "timeout",
  "not_dingtalk",
]);

/** For the call for the whole tree, these mean that the answer is too large. The tree is then read level by level. */
const TOO_LARGE: ReadonlySet<DingtalkErrorKind> = new Set<DingtalkErrorKind>(["temporary_fault", "timeout"]);

export type RetryOptions = {
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<unknown>;
  readonly pausesMs?: readonly number[];
  /** Runs before each call, also before a repeated one. Throws when the call must not be made. */
  readonly check?: Check;
};

type Check = () => Promise<void>;

type Call = (...args: readonly unknown[]) => Promise<unknown>;

const signalOf = (args: readonly unknown[]): AbortSignal => {
  const signal = args.at(-1);
  if (!(signal instanceof AbortSignal)) throw new Error("a call to DingTalk was made without a signal");
  return signal;
};

export type RetryingCalls<Calls> = Calls & {
  /** Calls `listener` when a call pauses, so that another call can start. */
  readonly onPause: (listener: () => void) => void;
};

/**
 * Repeats calls that fail by a passing fault, over minutes. Meanwhile `concurrencyOf` is one higher per paused call.
 * @throws what the call throws, after the last pause or for a fault that does not pass
 */
export function retryingCalls<Calls extends { readonly concurrencyOf: (name: never) => number }>(
  calls: Calls,
  { sleep, pausesMs = RETRY_PAUSES_MS, check }: RetryOptions,
): RetryingCalls<Calls> {
  let paused = 0;
  const listeners: (() => void)[] = [];

  const retrying =
    (name: string, call: Call): Call =>
    async (...args) => {
      for (let tries = 0; ; tries += 1) {
        try {
          await check?.();
          return await call(...args);
        } catch (error) {
          const pauseMs = pausesMs[tries];
          if (pauseMs === undefined || !isPassing(name, error)) throw error;
          paused += 1;
          for (const listener of listeners) listener();
          await sleep(Math.max(pauseMs, error.retryAfterMs ?? 0), signalOf(args)).finally(() => {
            paused -= 1;
          });
        }
      }
    };
  const wrapped = Object.entries<unknown>({ ...calls }).map(([name, member]) => [
    name,
    typeof member === "function" ? retrying(name, member as Call) : member,
  ]);
  return {
    // Each wrapper keeps the name and signature of its call
    ...(Object.fromEntries(wrapped) as Calls),
    concurrencyOf: (name: never) => calls.concurrencyOf(name) + Math.min(paused, REPLACED_MAX),
    onPause: (listener) => void listeners.push(listener),
  };
}

const isPassing = (name: string, error: unknown): error is DingtalkError =>
  error instanceof DingtalkError &&
  PASSING.has(error.kind) &&
  !(name === "listAll" && TOO_LARGE.has(error.kind));

const CHECKS_MAX = 30;
const CHECK_PAUSE_MS = 1_000;

type ActiveCheckOptions = {
  /** Returns whether the run is still this worker's. @throws {AppError} `unavailable` while the database is down */
  readonly isActive: () => Promise<boolean>;
  readonly sleep: (ms: number) => Promise<unknown>;
};

/**
 * Makes the check that runs before each call. Concurrent checks share one query, which starts after each was
 * requested.
 * @returns a function that throws {RunIsOver} when the run is no longer this worker's
 */
export function activeCheck(options: ActiveCheckOptions): Check {
  let current: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  const startCheck = () => {
    current = checkActive(options).finally(() => {
      current = null;
    });
    return current;
  };
  return () => {
    if (current === null) return startCheck();
    // The current query may have started before the run ended
    next ??= current
      .catch(() => {})
      .then(() => {
        next = null;
        return startCheck();
      });
    return next;
  };
}

/** Repeats the query while the database is down, so that a short outage does not end a read of half an hour. */
async function checkActive({ isActive, sleep }: ActiveCheckOptions): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      if (await isActive()) return;
    } catch (error) {
      const isUnavailable = error instanceof AppError && error.code === "unavailable";
      if (!isUnavailable || tries >= CHECKS_MAX) throw error;
      await sleep(CHECK_PAUSE_MS);
      continue;
    }
    throw new RunIsOver();
  }
}
