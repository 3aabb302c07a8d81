import type { useFormatter } from "next-intl";

const SECOND_MS = 1_000;
const MINUTE_SECONDS = 60;
const HOUR_SECONDS = 60 * MINUTE_SECONDS;

type Formatter = Pick<ReturnType<typeof useFormatter>, "number">;
type UnitStyle = "second" | "minute" | "hour" | "millisecond";

/** `3 min 12 s`, `3 分钟 12 秒`; under a second in milliseconds. */
export function formatDuration(ms: number, format: Formatter): string {
  const unit = (value: number, name: UnitStyle) =>
    format.number(value, { style: "unit", unit: name, unitDisplay: "short", maximumFractionDigits: 0 });
  if (ms < SECOND_MS) return unit(Math.max(0, ms), "millisecond");
  const seconds = Math.round(ms / SECOND_MS);
  const hours = Math.floor(seconds / HOUR_SECONDS);
  const minutes = Math.floor((seconds % HOUR_SECONDS) / MINUTE_SECONDS);
  const parts = [hours > 0 && unit(hours, "hour"), minutes > 0 && unit(minutes, "minute")];
  if (hours === 0) parts.push(unit(seconds % MINUTE_SECONDS, "second"));
  return parts.filter(Boolean).join(" ");
}
