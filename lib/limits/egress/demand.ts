const WINDOW_MS = 1_000;

/** Measures requests per second over a sliding window: the current second plus the remaining share of the previous one. */
export class Demand {
  #startedAt = -Infinity;
  #present = 0;
  #before = 0;

  count(nowMs: number): void {
    this.#roll(nowMs);
    this.#present += 1;
  }

  perSecond(nowMs: number): number {
    this.#roll(nowMs);
    return this.#present + this.#before * (1 - (nowMs - this.#startedAt) / WINDOW_MS);
  }

  #roll(nowMs: number): void {
    const windows = Math.floor((nowMs - this.#startedAt) / WINDOW_MS);
    if (windows <= 0) return;
    this.#before = windows === 1 ? this.#present : 0;
    this.#present = 0;
    this.#startedAt = windows === 1 ? this.#startedAt + WINDOW_MS : nowMs;
  }
}
