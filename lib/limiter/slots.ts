/** Times at which one call each may be sent: `count` of them, `spacingMs` apart. */
export type SlotRange = { readonly startAt: number; readonly spacingMs: number; readonly count: number };

type Range = { at: number; readonly spacingMs: number; count: number };

const lastOf = ({ at, spacingMs, count }: Range): number => at + (count - 1) * spacingMs;

/** Times that are ours, in their order: what a lane has leased and not used. */
export class Slots {
  #ranges: Range[] = [];

  get size(): number {
    return this.#ranges.reduce((sum, { count }) => sum + count, 0);
  }

  /** `Infinity` when there is none. */
  get firstAt(): number {
    return this.#ranges[0]?.at ?? Infinity;
  }

  /** `-Infinity` when there is none. */
  get lastAt(): number {
    const last = this.#ranges.at(-1);
    return last ? lastOf(last) : -Infinity;
  }

  /** Later than all that are there. */
  add({ startAt, spacingMs, count }: SlotRange): void {
    if (count > 0) this.#ranges.push({ at: startAt, spacingMs, count });
  }

  takeFirst(): void {
    const first = this.#ranges[0];
    if (first) this.#shorten(first, 1);
  }

  dropBefore(timeMs: number): void {
    for (let first = this.#ranges[0]; first && first.at < timeMs; first = this.#ranges[0]) {
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
