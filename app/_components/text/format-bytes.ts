import type { useFormatter } from "next-intl";

const UNITS = [
  ["B", 1],
  ["kB", 1_000],
  ["MB", 1_000_000],
] as const;

/** Formats a size: `345 B`, `1.2 kB`, `4 MB`. */
export function formatBytes(bytes: number, format: Pick<ReturnType<typeof useFormatter>, "number">): string {
  const [unit, size] = UNITS.findLast(([, least]) => bytes >= least) ?? UNITS[0];
  const value = bytes / size;
  return `${format.number(value, { maximumFractionDigits: value < 10 ? 1 : 0 })} ${unit}`;
}
