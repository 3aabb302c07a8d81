import { setTimeout as delay } from "node:timers/promises";

/** One request to DingTalk; a whole call with its repeats; the longest request, whatever a caller sets. */
export const TIMEOUT_MS_DEFAULT = 10_000;
export const TOTAL_MS_DEFAULT = 30_000;
export const EXCHANGE_MS_MAX = 30_000;

export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>;

export const sleep: Sleep = async (ms, signal) => {
  try {
    await delay(ms, undefined, signal ? { signal } : {});
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
};

export class TimeLimitReached extends Error {
  override readonly name = "TimeLimitReached";
}

type Limits = {
  readonly limitMs: number;
  readonly signal: AbortSignal | undefined;
};

/**
 * Runs `work` with a signal that aborts after `limitMs` or with the caller's signal.
 *
 * `AbortSignal.any` would keep its signals in memory as long as the caller's signal, for example a job.
 *
 * @throws {TimeLimitReached} after `limitMs`
 * @throws the reason of the caller's signal; errors of `work`
 */
export async function withTimeLimit<T>(
  { limitMs, signal }: Limits,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const controller = new AbortController();
  const giveUp = () => controller.abort(signal?.reason);
  signal?.addEventListener("abort", giveUp, { once: true });
  const timer = setTimeout(() => controller.abort(new TimeLimitReached()), Math.max(0, limitMs));
  try {
    return await work(controller.signal);
  } catch (error) {
    controller.signal.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", giveUp);
  }
}
