/** A shared piece of work took longer than anybody should wait for it. */
export class FlightTooLong extends Error {
  override readonly name = "FlightTooLong";
}

/**
 * Lets all who want the same thing at the same time share one piece of work. A failure is shared too, and is
 * not kept. Work that never ends blocks nobody for ever: after `limitMs` all who wait are told, the signal
 * aborts, and the next one begins anew.
 */
export class Flights<T> {
  readonly #underWay = new Map<string, Promise<T>>();
  readonly #limitMs: number;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  /** @param signal the caller's own: it ends their waiting, and not the work of the others */
  async join(
    key: string,
    work: (signal: AbortSignal) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    signal?.throwIfAborted();
    const shared = this.#underWay.get(key) ?? this.#begin(key, work);
    return signal ? orAborted(shared, signal) : shared;
  }

  #begin(key: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      const reason = new FlightTooLong(`nothing after ${this.#limitMs} ms`);
      controller.abort(reason);
      late.reject(reason);
    }, this.#limitMs);
    const flight = Promise.race([work(controller.signal), late.promise]).finally(() => {
      clearTimeout(timer);
      this.#underWay.delete(key);
    });
    this.#underWay.set(key, flight);
    return flight;
  }
}

async function orAborted<T>(shared: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const giveUp = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    return await Promise.race([shared, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}
