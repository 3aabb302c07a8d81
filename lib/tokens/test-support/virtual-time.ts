type Timer = { readonly atMs: number; readonly fire: () => void };

/** A clock that only `advance` moves, with its timers. */
export class VirtualTime {
  #nowMs = Date.UTC(2026, 0, 5);
  readonly #timers = new Set<Timer>();

  now = (): number => this.#nowMs;

  /** Rejects with the signal's reason when that aborts. */
  pause = (ms: number, signal?: AbortSignal): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    if (signal?.aborted) return Promise.reject(signal.reason);
    const timer = { atMs: this.#nowMs + Math.max(0, ms), fire: resolve };
    this.#timers.add(timer);
    signal?.addEventListener("abort", () => {
      this.#timers.delete(timer);
      reject(signal.reason);
    });
    return promise;
  };

  /** Moves the clock from one timer to the next. @param settle runs everything that can run without time passing */
  async advance(ms: number, settle: () => Promise<void>): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await settle();
    for (;;) {
      const [next] = [...this.#timers].sort((a, b) => a.atMs - b.atMs);
      if (!next || next.atMs > untilMs) break;
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      this.#timers.delete(next);
      next.fire();
      await settle();
    }
    this.#nowMs = untilMs;
    await settle();
  }
}
