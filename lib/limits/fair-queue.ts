export type FairQueueLimits = {
  readonly running: number;
  /** Tasks of one outermost group that run at once. Default: no limit. */
  readonly runningOfGroup?: number;
  readonly waiting: number;
  readonly refusal: () => Error;
};

type Waiter = { readonly start: () => void; readonly refuse: (error: Error) => void };

/** The groups of a task, the outermost first, such as a network and an address in it. */
export type Sharer = readonly string[];

class Group {
  /** In order of turns: the first is next. */
  readonly groups = new Map<string, Group>();
  readonly waiters: Waiter[] = [];
  count = 0;

  get #largest(): [string, Group] | undefined {
    let largest: [string, Group] | undefined;
    for (const entry of this.groups) if (entry[1].count > (largest?.[1].count ?? 0)) largest = entry;
    return largest;
  }

  add([name, ...rest]: Sharer, waiter: Waiter): void {
    this.count += 1;
    if (name === undefined) {
      this.waiters.push(waiter);
      return;
    }
    const group = this.groups.get(name) ?? new Group();
    this.groups.set(name, group);
    group.add(rest, waiter);
  }

  /** Removes and returns the next task of the groups that may run; its group goes to the end. */
  takeNext(mayRun: (group: string) => boolean = () => true): Waiter | undefined {
    if (this.groups.size === 0) return this.#take(this.waiters.shift());
    const next = [...this.groups].find(([name]) => mayRun(name));
    if (!next) return undefined;
    const [name, group] = next;
    const waiter = group.takeNext();
    this.groups.delete(name);
    this.groups.set(name, group);
    return this.#take(waiter, name);
  }

  takeNewest(): Waiter | undefined {
    const largest = this.#largest;
    if (!largest) return this.#take(this.waiters.pop());
    const [name, group] = largest;
    return this.#take(group.takeNewest(), name);
  }

  /**
   * Removes a task to make room for a new one, from the largest group at the outermost level with a larger group.
   * @returns `undefined` if the new task would only displace its own group
   */
  takeFor([name, ...rest]: Sharer): Waiter | undefined {
    if (name === undefined) return undefined;
    const own = this.groups.get(name);
    const [nameOfLargest, largest] = this.#largest ?? [name, own];
    if (largest && largest.count > (own?.count ?? 0) + 1)
      return this.#take(largest.takeNewest(), nameOfLargest);
    return this.#take(own?.takeFor(rest), name);
  }

  #take(waiter: Waiter | undefined, name?: string): Waiter | undefined {
    if (waiter) this.count -= 1;
    if (name !== undefined && this.groups.get(name)?.count === 0) this.groups.delete(name);
    return waiter;
  }
}

/**
 * Runs a few tasks at once and shares the queue between groups, which take turns. When the queue is full, the newest
 * task of the largest group makes room.
 */
export class FairQueue {
  readonly #limits: FairQueueLimits;
  readonly #waiting = new Group();
  readonly #runningOf = new Map<string, number>();
  #running = 0;

  constructor(limits: FairQueueLimits) {
    this.#limits = limits;
  }

  /** Runs a task in its turn. @throws the refusal, at once or later, if the queue has no room for the task */
  async run<T>(sharer: Sharer, task: () => Promise<T>): Promise<T> {
    const [group = ""] = sharer;
    if (this.#running < this.#limits.running && this.#mayRun(group)) this.#count(group, 1);
    else await this.#wait(sharer, group);
    try {
      return await task();
    } finally {
      this.#count(group, -1);
      this.#waiting.takeNext(this.#mayRun)?.start();
    }
  }

  readonly #mayRun = (group: string): boolean =>
    (this.#runningOf.get(group) ?? 0) < (this.#limits.runningOfGroup ?? Number.POSITIVE_INFINITY);

  #count(group: string, by: 1 | -1): void {
    this.#running += by;
    const running = (this.#runningOf.get(group) ?? 0) + by;
    if (running > 0) this.#runningOf.set(group, running);
    else this.#runningOf.delete(group);
  }

  #wait(sharer: Sharer, group: string): Promise<void> {
    if (this.#waiting.count >= this.#limits.waiting) {
      const displaced = this.#waiting.takeFor(sharer);
      if (!displaced) throw this.#limits.refusal();
      displaced.refuse(this.#limits.refusal());
    }
    return new Promise((resolve, refuse) => {
      const start = () => {
        this.#count(group, 1);
        resolve();
      };
      this.#waiting.add(sharer, { start, refuse });
    });
  }
}
