import type { HourOfReads } from "@/lib/tokens/history/read-counts";

/** Further keys are combined into one row. */
const SERIES_MAX = 6;

/** A row of bars: one key, or the remaining keys together. */
type Series = {
  /** The key's id, or `others`. */
  readonly id: string;
  /** `null` for a deleted key and for several keys. */
  readonly name: string | null;
  readonly isOthers: boolean;
  readonly total: number;
  /** Reads per hour of the chart. */
  readonly values: readonly number[];
};

const zeros = (length: number): number[] => Array.from({ length }, () => 0);

const sumOf = (reads: readonly number[]): number => reads.reduce((sum, one) => sum + one, 0);

const added = (all: readonly number[], more: readonly number[]): number[] =>
  all.map((reads, index) => reads + (more[index] ?? 0));

function combine(series: readonly Series[], length: number): Series {
  const values = series.reduce((all, one) => added(all, one.values), zeros(length));
  return { id: "others", name: null, isOthers: true, total: sumOf(values), values };
}

/** Arranges read counts by key, the largest total first. @param hours start of each hour of the chart */
export function toSeries(rows: readonly HourOfReads[], hours: readonly number[]): Series[] {
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
    .map(
      ([id, { name, reads }]): Series => ({ id, name, isOthers: false, total: sumOf(reads), values: reads }),
    )
    .sort((a, b) => b.total - a.total);
  const drawn = all.length > SERIES_MAX ? SERIES_MAX - 1 : SERIES_MAX;
  const rest = all.slice(drawn);
  return [...all.slice(0, drawn), ...(rest.length > 0 ? [combine(rest, hours.length)] : [])];
}
