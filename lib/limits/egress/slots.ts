/** `count` send times for one call each, `spacingMs` apart. */
export type SlotRange = { readonly startAt: number; readonly spacingMs: number; readonly count: number };

type Range = {
  at: number;
  readonly spacingMs: number;
  count: number;
  /** True if the time directly before `at` belonged to this range and passed unused. */
  isAfterLost: boolean;
};

const lastOf = ({ at, spacingMs, count }: Range): number => at + (count - 1) * spacingMs;

export class Slots {
  #ranges: Range[] = [];

  get size(): number {
    return this.#ranges.reduce((sum, { count }) => sum + count, 0);
  }

  /**
   * Returns when the first time may be used. A call may use up an unused time and the next one, and leave between
   * them.
   */
  get firstAt(): number {
    const first = this.#ranges[0];
    if (!first) return Infinity;
    return first.isAfterLost ? first.at - first.spacingMs : first.at;
  }

  at(index: number): number | null {
    let before = 0;
    for (const { at, spacingMs, count } of this.#ranges) {
      if (index < before + count) return at + (index - before) * spacingMs;
      before += count;
    }
    return null;
  }

  get lastAt(): number {
    const last = this.#ranges.at(-1);
    return last ? lastOf(last) : -Infinity;
  }

  add({ startAt, spacingMs, count }: SlotRange): void {
    if (count > 0) this.#ranges.push({ at: startAt, spacingMs, count, isAfterLost: false });
  }

  takeFirst(): void {
    const first = this.#ranges[0];
    if (!first) return;
    first.isAfterLost = false;
    this.#shorten(first, 1);
  }

  dropBefore(timeMs: number): void {
    for (let first = this.#ranges[0]; first && first.at < timeMs; first = this.#ranges[0]) {
      first.isAfterLost = true;
      this.#shorten(first, Math.ceil((timeMs - first.at) / first.spacingMs));
    }
  }

  clear(): void {
    this.#ranges = [];
  }

  #shorten(range: Range, by: number): void {
    range.at += by * range.spacingMs;
    range.count -= by;
    if (range.count <= 0) this.#ranges.shift();
  }
}
