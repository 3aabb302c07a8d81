import type { HourOfReads } from "@/lib/tokens/store/timeline";

export const HOUR_MS = 60 * 60_000;
/** More than these are drawn as one. */
const SERIES_MAX = 6;

/** One row of bars: a key's reads, or those of all keys that have no row of their own. */
export type Series = {
  /** The key's id, or a word for several. */
  readonly id: string;
  /** `null` for a key that is gone, or for several together. */
  readonly name: string | null;
  readonly isOthers: boolean;
  readonly total: number;
  /** By hour, as many as the chart has. */
  readonly reads: readonly number[];
};

export type Chart = {
  /** Beginnings of the hours, the oldest first. */
  readonly hours: readonly number[];
  /** The largest total first. */
  readonly series: readonly Series[];
  /** The most reads in one hour of one row: what the highest bar stands for. */
  readonly highest: number;
};

/** The beginnings of the last hours up to the present one. */
export function hoursUntil(nowMs: number, count: number): number[] {
  const last = nowMs - (nowMs % HOUR_MS);
  return Array.from({ length: count }, (_, index) => last - (count - 1 - index) * HOUR_MS);
}

const zeros = (length: number): number[] => Array.from({ length }, () => 0);

const sumOf = (reads: readonly number[]): number => reads.reduce((sum, one) => sum + one, 0);

const added = (all: readonly number[], more: readonly number[]): number[] =>
  all.map((reads, index) => reads + (more[index] ?? 0));

function together(series: readonly Series[], length: number): Series {
  const reads = series.reduce((all, one) => added(all, one.reads), zeros(length));
  return { id: "others", name: null, isOthers: true, total: sumOf(reads), reads };
}

/** Arranges counts for drawing and for the table that says the same. */
export function toChart(rows: readonly HourOfReads[], hours: readonly number[]): Chart {
  const indexOf = new Map(hours.map((hour, index) => [hour, index]));
  const byKey = new Map<string, { name: string | null; reads: number[] }>();
  for (const { keyId, keyName, hour, reads } of rows) {
    const index = indexOf.get(hour.getTime());
    if (index === undefined) continue;
    const held = byKey.get(keyId) ?? { name: keyName, reads: zeros(hours.length) };
    byKey.set(keyId, held);
    held.reads[index] = (held.reads[index] ?? 0) + reads;
  }
  const all = [...byKey]
    .map(([id, { name, reads }]): Series => ({ id, name, isOthers: false, total: sumOf(reads), reads }))
    .sort((a, b) => b.total - a.total);
  const drawn = all.length > SERIES_MAX ? SERIES_MAX - 1 : SERIES_MAX;
  const rest = all.slice(drawn);
  const series = [...all.slice(0, drawn), ...(rest.length > 0 ? [together(rest, hours.length)] : [])];
  return { hours, series, highest: Math.max(1, ...series.flatMap(({ reads }) => reads)) };
}

/** The bars of a row as one path, in a box of `hours` by 1 with the y axis down; whoever read at all is seen. */
export function barsPath(reads: readonly number[], highest: number): string {
  return reads
    .flatMap((count, index) => {
      if (count === 0) return [];
      const height = Math.max(0.06, count / highest).toFixed(3);
      return `M${index}.1 1v-${height}h.8v${height}z`;
    })
    .join("");
}
