import { setImmediate as settled } from "node:timers/promises";
import type { Clock } from "../clock";

type Wake = { readonly at: number; readonly work: () => void };

/** A clock that stands still until a test lets time pass, for any number of processes that each read it their own way. */
export class VirtualClock implements Clock {
  #now = 0;
  #wakes = new Set<Wake>();

  now(): number {
    return this.#now;
  }

  at(timeMs: number, work: () => void): () => void {
    const wake = { at: Math.max(timeMs, this.#now), work };
    this.#wakes.add(wake);
    return () => this.#wakes.delete(wake);
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.at(this.#now + ms, resolve));
  }

  /** Returns the clock of a process with an offset, whose timers fire late. */
  seenBy(offsetMs: number, lateMs: () => number = () => 0): Clock {
    return {
      now: () => this.#now + offsetMs,
      // Rounding must not start it early
      at: (timeMs, work) => this.at(timeMs - offsetMs + lateMs() + 0.001, work),
    };
  }

  /** Lets time pass, with all that happens in it. */
  async pass(ms: number): Promise<void> {
    const until = this.#now + ms;
    for (;;) {
      await settled();
      let next: Wake | undefined;
      for (const wake of this.#wakes) if (wake.at <= until && wake.at < (next?.at ?? Infinity)) next = wake;
      if (!next) break;
      this.#wakes.delete(next);
      this.#now = next.at;
      next.work();
    }
    this.#now = until;
  }
}
