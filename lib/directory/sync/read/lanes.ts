/** A piece of work that waits for its turn. */
type Task = { readonly item: string; readonly work: Work };

type Work = (item: string) => Promise<void>;

type Lane = { waiting: Task[]; next: number; underWay: number };

export type LanesOptions<Name extends string> = {
  /** Its signal is what all work must heed. */
  readonly stop: AbortController;
  /** How many of a lane may be under way at a time, asked anew after each. */
  readonly atOnce: (lane: Name) => number;
  /** What each lane is there for. */
  readonly work: Readonly<Record<Name, Work>>;
};

/** Where it pays to let go of what a lane has begun. */
const BEGUN_MAX = 1_024;

/**
 * Work of several kinds side by side: each kind has a queue of its own, and as many under way as it may. Work may
 * add work, to any lane. The first failure stops all of it through `stop`.
 */
export class Lanes<Name extends string> {
  readonly #options: LanesOptions<Name>;
  readonly #lanes = new Map<Name, Lane>();
  #underWay = 0;
  #idle: PromiseWithResolvers<void> | null = null;

  constructor(options: LanesOptions<Name>) {
    this.#options = options;
  }

  add(name: Name, item: string, work: Work = this.#options.work[name]): void {
    const lane = this.#laneOf(name);
    lane.waiting.push({ item, work });
    this.#fill(name, lane);
  }

  /** Begins what waits, after `atOnce` has grown without a piece of work ending. */
  refill(): void {
    for (const [name, lane] of this.#lanes) this.#fill(name, lane);
  }

  /** Does `work` for each item in a lane, and waits until nothing waits in any. @throws as `done` */
  each(name: Name, items: Iterable<string>, work: Work): Promise<void> {
    for (const item of items) this.add(name, item, work);
    return this.done();
  }

  /**
   * Resolves when nothing waits and nothing is under way.
   *
   * @throws the first failure, or the signal's reason, when what was under way has stopped
   */
  async done(): Promise<void> {
    while (this.#underWay > 0) {
      this.#idle ??= Promise.withResolvers();
      await this.#idle.promise;
    }
    this.#options.stop.signal.throwIfAborted();
  }

  #laneOf(name: Name): Lane {
    const known = this.#lanes.get(name);
    if (known) return known;
    const lane: Lane = { waiting: [], next: 0, underWay: 0 };
    this.#lanes.set(name, lane);
    return lane;
  }

  #fill(name: Name, lane: Lane): void {
    const { stop, atOnce } = this.#options;
    while (!stop.signal.aborted && lane.underWay < atOnce(name)) {
      const task = lane.waiting[lane.next];
      if (task === undefined) return;
      lane.next += 1;
      if (lane.next >= BEGUN_MAX) {
        lane.waiting.splice(0, lane.next);
        lane.next = 0;
      }
      void this.#begin(name, lane, task);
    }
  }

  async #begin(name: Name, lane: Lane, { item, work }: Task): Promise<void> {
    lane.underWay += 1;
    this.#underWay += 1;
    try {
      await work(item);
    } catch (error) {
      this.#options.stop.abort(error);
    } finally {
      lane.underWay -= 1;
      this.#underWay -= 1;
      this.#fill(name, lane);
      if (this.#underWay === 0) {
        this.#idle?.resolve();
        this.#idle = null;
      }
    }
  }
}
