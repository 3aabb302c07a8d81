import type { useFormatter } from "next-intl";
import { withThinSpaces } from "@/lib/i18n/thin-space";

const SECOND_MS = 1_000;
const MINUTE_SECONDS = 60;
const HOUR_SECONDS = 60 * MINUTE_SECONDS;

type Formatter = Pick<ReturnType<typeof useFormatter>, "number">;
type Unit = "second" | "minute" | "hour";

/** Unit symbols that are shorter than `Intl`'s English names. */
const SHORTER: Readonly<Record<string, string>> = { hr: "h", sec: "s" };

function withUnit(value: number, unit: Unit, format: Formatter): string {
  const text = format.number(value, {
    style: "unit",
    unit,
    unitDisplay: "short",
    maximumFractionDigits: 0,
  });
  return withThinSpaces(text.replace(/[a-z]+$/, (word) => SHORTER[word] ?? word));
}

/** Joins parts. Chinese shortens 分钟 to 分 beside another unit. */
function joined(parts: readonly string[]): string {
  if (parts.length < 2) return parts.join("");
  return withThinSpaces(parts.map((part) => part.replace("分钟", "分")).join(" "));
}

/** Formats a duration: `420 ms`, `3 min 12 s`, `3 分 12 秒`, `1 h 12 min`. */
export function formatDuration(ms: number, format: Formatter): string {
  const rounded = Math.max(0, Math.round(ms));
  if (rounded < SECOND_MS) return `${format.number(rounded)} ms`;
  const seconds = Math.round(rounded / SECOND_MS);
  if (seconds >= HOUR_SECONDS) return formatTimeDistance(ms, format);
  const minutes = Math.floor(seconds / MINUTE_SECONDS);
  const parts = [withUnit(seconds % MINUTE_SECONDS, "second", format)];
  if (minutes > 0) parts.unshift(withUnit(minutes, "minute", format));
  return joined(parts);
}

/** Formats a distance in time: `12 s`, `5 min`, `1 h 12 min`. Rounds minutes down, and shows at least one second. */
export function formatTimeDistance(ms: number, format: Formatter): string {
  const seconds = Math.max(1, Math.round(ms / SECOND_MS));
  if (seconds < MINUTE_SECONDS) return withUnit(seconds, "second", format);
  const hours = Math.floor(seconds / HOUR_SECONDS);
  const minutes = Math.floor((seconds % HOUR_SECONDS) / MINUTE_SECONDS);
  const parts: string[] = [];
  if (hours > 0) parts.push(withUnit(hours, "hour", format));
  if (minutes > 0) parts.push(withUnit(minutes, "minute", format));
  return joined(parts);
}
