export const HOUR_MS = 60 * 60_000;

/** Selectable time ranges, in hours. */
export const RANGES = { day: 24, week: 7 * 24 } as const;
export type Range = keyof typeof RANGES;

/** A row of bars. */
export type HourSeries = {
  readonly id: string;
  readonly label: string;
  readonly total: number;
  /** One value per hour of the chart. */
  readonly values: readonly number[];
};

export const rangeOf = (text: string | string[] | undefined): Range => (text === "week" ? "week" : "day");

/** Returns the start of each of the last hours, including the current one. */
export function hoursUntil(nowMs: number, count: number): number[] {
  const last = nowMs - (nowMs % HOUR_MS);
  return Array.from({ length: count }, (_, index) => last - (count - 1 - index) * HOUR_MS);
}

/** Returns a row's bars as one SVG path in a box of `hours` by 1. Every nonzero hour is visible. */
export function barsPath(values: readonly number[], highest: number): string {
  return values
    .flatMap((count, index) => {
      if (count === 0) return [];
      const height = Math.max(0.06, count / highest).toFixed(3);
      return `M${index}.1 1v-${height}h.8v${height}z`;
    })
    .join("");
}
