import { AppError } from "@/lib/errors";
import { REQUESTS_AT_ONCE } from "./numbers";

export type Share = {
  readonly running: number;
  readonly waiting: number;
};

export type Claimant = { readonly key: string; readonly share: Share };

type Count = { running: number; waiting: number };
type Waiter = { readonly claimants: readonly Claimant[]; readonly start: () => void };

type Options = {
  readonly all: Share;
  readonly waitMs: number;
};

const retry = { retryAfterSeconds: REQUESTS_AT_ONCE.retryAfterSeconds };

/**
 * Bounds the requests that are worked on at once, for each claimant and for all together. Waiting ones start in order,
 * past those that still lack room, so a claimant with many requests delays only its own.
 */
export class LoadGate {
  readonly #all: Claimant;
  readonly #waitMs: number;
  readonly #counts = new Map<string, Count>();
  readonly #queue = new Set<Waiter>();

  constructor({ all, waitMs }: Options) {
    this.#all = { key: "", share: all };
    this.#waitMs = waitMs;
  }

  /**
   * Waits until the request may start.
   * @param gone returns a signal that ends the wait; called only for requests that wait
   * @returns a function that frees the place
   * @throws {AppError} `rate_limited` when a claimant's waiting places are taken; `unavailable` when all are or the
   *   wait takes too long
   */
  async enter(of: readonly Claimant[], gone: () => AbortSignal): Promise<() => void> {
    const claimants = [...of, this.#all];
    if (!this.#hasRoom(claimants)) await this.#wait(claimants, gone);
    else this.#add(claimants, "running", 1);
    let isIn = true;
    return () => {
      if (!isIn) return;
      isIn = false;
      this.#add(claimants, "running", -1);
      this.#startWaiting();
    };
  }

  #hasRoom(claimants: readonly Claimant[]): boolean {
    return claimants.every(({ key, share }) => (this.#counts.get(key)?.running ?? 0) < share.running);
  }

  #wait(claimants: readonly Claimant[], gone: () => AbortSignal): Promise<void> {
    for (const { key, share } of claimants) {
      if ((this.#counts.get(key)?.waiting ?? 0) < share.waiting) continue;
      const code = key === this.#all.key ? "unavailable" : "rate_limited";
      throw new AppError(code, "too many requests wait", retry);
    }
    const signal = gone();
    if (signal.aborted) throw new AppError("unavailable", "the client is gone");
    this.#add(claimants, "waiting", 1);
    return new Promise((resolve, reject) => {
      const leaveQueue = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", giveUp);
        this.#queue.delete(waiter);
        this.#add(claimants, "waiting", -1);
      };
      const giveUp = () => {
        leaveQueue();
        reject(new AppError("unavailable", "a request waited too long", retry));
      };
      const start = () => {
        leaveQueue();
        this.#add(claimants, "running", 1);
        resolve();
      };
      const waiter = { claimants, start };
      const timer = setTimeout(giveUp, this.#waitMs);
      signal.addEventListener("abort", giveUp, { once: true });
      this.#queue.add(waiter);
    });
  }

  #startWaiting(): void {
    for (const waiter of this.#queue) if (this.#hasRoom(waiter.claimants)) waiter.start();
  }

  #add(claimants: readonly Claimant[], what: keyof Count, by: 1 | -1): void {
    for (const { key } of claimants) {
      const count = this.#counts.get(key) ?? { running: 0, waiting: 0 };
      count[what] += by;
      if (count.running + count.waiting > 0) this.#counts.set(key, count);
      else this.#counts.delete(key);
    }
  }
}
