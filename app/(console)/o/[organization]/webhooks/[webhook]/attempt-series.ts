import type { HourSeries } from "@/app/_components/charts/hour-series";
import type { HourOfAttempts } from "@/lib/webhooks/delivery/attempt-counts";
import { ATTEMPT_OUTCOMES } from "@/lib/webhooks/endpoints/choices";

/** Arranges attempts by outcome. @param hours start of each hour of the chart */
export function toAttemptSeries(
  counts: readonly HourOfAttempts[],
  hours: readonly number[],
  labels: Readonly<Record<(typeof ATTEMPT_OUTCOMES)[number], string>>,
): HourSeries[] {
  const byHour = new Map(counts.map((count) => [count.hour.getTime(), count]));
  return ATTEMPT_OUTCOMES.map((id) => {
    const values = hours.map((hour) => byHour.get(hour)?.[id] ?? 0);
    return { id, label: labels[id], values, total: values.reduce((sum, value) => sum + value, 0) };
  });
}
