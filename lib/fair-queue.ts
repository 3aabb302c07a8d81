export type FairQueueLimits = {
  /** Tasks that run at once. */
  readonly running: number;
  /** Tasks that wait, of all keys together. */
  readonly waiting: number;
  /** Makes the error of a task that finds no place. */
  readonly refusal: () => Error;
};

type Waiter = { readonly start: () => void; readonly refuse: (error: Error) => void };

/**
 * Runs few tasks at once and shares the waiting places between keys, so that one key can't keep the others out:
 * the keys take turns, and when all places are taken, the newest task of the key that has the most makes room.
 */
export class FairQueue {
  readonly #limits: FairQueueLimits;
  /** In the order of turns: the first key is next. */
  readonly #waiting = new Map<string, Waiter[]>();
  #waitingCount = 0;
  #running = 0;

  constructor(limits: FairQueueLimits) {
    this.#limits = limits;
  }

  /** @throws the queue's refusal, at once or later, when there is no place for this key's task */
  async run<T>(key: string, task: () => Promise<T>): Promise<T> {
    if (this.#running < this.#limits.running) this.#running++;
    else await this.#wait(key);
    try {
      return await task();
    } finally {
      this.#startNext();
    }
  }

  #wait(key: string): Promise<void> {
    if (this.#waitingCount >= this.#limits.waiting) this.#makeRoomFor(key);
    this.#waitingCount++;
    return new Promise((start, refuse) => {
      const own = this.#waiting.get(key);
      if (own) own.push({ start, refuse });
      else this.#waiting.set(key, [{ start, refuse }]);
    });
  }

  #makeRoomFor(key: string): void {
    const placesAfter = (this.#waiting.get(key)?.length ?? 0) + 1;
    let largest: Waiter[] = [];
    for (const waiters of this.#waiting.values()) if (waiters.length > largest.length) largest = waiters;
    // With one place more it would only trade places with this key.
    if (largest.length <= placesAfter) throw this.#limits.refusal();
    const newest = largest.pop();
    this.#waitingCount--;
    newest?.refuse(this.#limits.refusal());
  }

  /** Hands the finished task's place to the next key, which then goes behind the others. */
  #startNext(): void {
    const [next] = this.#waiting;
    if (!next) {
      this.#running--;
      return;
    }
    const [key, waiters] = next;
    this.#waiting.delete(key);
    const waiter = waiters.shift();
    if (waiters.length > 0) this.#waiting.set(key, waiters);
    this.#waitingCount--;
    waiter?.start();
  }
}
