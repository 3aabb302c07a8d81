import type { KeyCount } from "@/lib/key-rotation/count-keys";
import { toTable } from "./bench/measuring/report";

/** How many values of each column each key sealed, as a table. */
export function keyCountsText(counts: readonly KeyCount[]): string {
  const ids = [...new Set(counts.map(({ keyId }) => keyId))].sort();
  const places = [...new Set(counts.map(({ place }) => place))].sort();
  const countOf = (place: string, id: string) =>
    counts.find((one) => one.place === place && one.keyId === id)?.count ?? 0;
  return toTable(
    ["sealed", ...ids],
    places.map((place) => [place, ...ids.map((id) => countOf(place, id).toLocaleString("en"))]),
  );
}
