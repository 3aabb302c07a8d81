export class SingleFlightTimeout extends Error {
  override readonly name = "SingleFlightTimeout";
}

/** Runs work once for all concurrent callers with the same key. After `limitMs` they get a `SingleFlightTimeout`. */
export class SingleFlight<T> {
  readonly #running = new Map<string, Promise<T>>();
  readonly #limitMs: number;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  /** @param signal ends the caller's wait, but not the work */
  async run(
    key: string,
    work: (signal: AbortSignal) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    signal?.throwIfAborted();
    const shared = this.#running.get(key) ?? this.#start(key, work);
    return signal ? orAborted(shared, signal) : shared;
  }

  #start(key: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      const reason = new SingleFlightTimeout(`no result within ${this.#limitMs} ms`);
      controller.abort(reason);
      late.reject(reason);
    }, this.#limitMs);
    const shared = Promise.race([work(controller.signal), late.promise]).finally(() => {
      clearTimeout(timer);
      this.#running.delete(key);
    });
    this.#running.set(key, shared);
    return shared;
  }
}

async function orAborted<T>(shared: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([shared, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
