import type { HourOfReads } from "@/lib/tokens/history/read-counts";

export const HOUR_MS = 60 * 60_000;
/** Further keys are combined into one row. */
const SERIES_MAX = 6;

/** A row of bars: one key, or the remaining keys together. */
export type Series = {
  /** The key's id, or `others`. */
  readonly id: string;
  /** `null` for a deleted key and for several keys. */
  readonly name: string | null;
  readonly isOthers: boolean;
  readonly total: number;
  /** Reads per hour of the chart. */
  readonly reads: readonly number[];
};

export type Chart = {
  /** Start of each hour, oldest first. */
  readonly hours: readonly number[];
  /** Largest total first. */
  readonly series: readonly Series[];
  /** The most reads in one hour of one row: the height of the highest bar. */
  readonly highest: number;
};

/** Returns the start of each of the last hours, including the current one. */
export function hoursUntil(nowMs: number, count: number): number[] {
  const last = nowMs - (nowMs % HOUR_MS);
  return Array.from({ length: count }, (_, index) => last - (count - 1 - index) * HOUR_MS);
}

const zeros = (length: number): number[] => Array.from({ length }, () => 0);

const sumOf = (reads: readonly number[]): number => reads.reduce((sum, one) => sum + one, 0);

const added = (all: readonly number[], more: readonly number[]): number[] =>
  all.map((reads, index) => reads + (more[index] ?? 0));

function combine(series: readonly Series[], length: number): Series {
  const reads = series.reduce((all, one) => added(all, one.reads), zeros(length));
  return { id: "others", name: null, isOthers: true, total: sumOf(reads), reads };
}

/** Arranges read counts for the chart and its table. */
export function toChart(rows: readonly HourOfReads[], hours: readonly number[]): Chart {
  const indexOf = new Map(hours.map((hour, index) => [hour, index]));
  const byKey = new Map<string, { name: string | null; reads: number[] }>();
  for (const { keyId, keyName, hour, reads } of rows) {
    const index = indexOf.get(hour.getTime());
    if (index === undefined) continue;
    const entry = byKey.get(keyId) ?? { name: keyName, reads: zeros(hours.length) };
    byKey.set(keyId, entry);
    entry.reads[index] = (entry.reads[index] ?? 0) + reads;
  }
  const all = [...byKey]
    .map(([id, { name, reads }]): Series => ({ id, name, isOthers: false, total: sumOf(reads), reads }))
    .sort((a, b) => b.total - a.total);
  const drawn = all.length > SERIES_MAX ? SERIES_MAX - 1 : SERIES_MAX;
  const rest = all.slice(drawn);
  const series = [...all.slice(0, drawn), ...(rest.length > 0 ? [combine(rest, hours.length)] : [])];
  return { hours, series, highest: Math.max(1, ...series.flatMap(({ reads }) => reads)) };
}

/** Returns a row's bars as one SVG path in a box of `hours` by 1. Every nonzero hour is visible. */
export function barsPath(reads: readonly number[], highest: number): string {
  return reads
    .flatMap((count, index) => {
      if (count === 0) return [];
      const height = Math.max(0.06, count / highest).toFixed(3);
      return `M${index}.1 1v-${height}h.8v${height}z`;
    })
    .join("");
}
