import { setTimeout as delay } from "node:timers/promises";

/** Waits `ms` milliseconds; rejects with the signal's reason at once when it aborts. */
export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>;

export const sleep: Sleep = async (ms, signal) => {
  try {
    await delay(ms, undefined, signal ? { signal } : {});
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
};

/** The reason of a signal that `withTimeLimit` aborted because the time was up. */
export class TimeLimitReached extends Error {
  override readonly name = "TimeLimitReached";
}

type Limits = {
  readonly limitMs: number;
  /** The caller's own signal, if any. */
  readonly signal: AbortSignal | undefined;
};

/**
 * Runs `work` with a signal that aborts when the time is up or the caller gives up.
 *
 * By hand, since `AbortSignal.any` over a signal that lives as long as its job keeps what it made.
 *
 * @throws {TimeLimitReached} after `limitMs` · the caller's reason when they give up · what `work` throws
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
