import type { FailureClass } from "./failure-class";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

export const PROBE_INTERVAL_MS = 10 * MINUTE_MS;

/**
 * Returns when an API that refused the app is called again: after 1, 1, 2, 4 … 60 minutes while it stays broken.
 * @param brokenSince `null` for an app that breaks now
 */
export function nextProbeAt(
  failureClass: Extract<FailureClass, "broken" | "external">,
  brokenSince: Date | null,
  at: Date,
): Date {
  if (failureClass === "external") return new Date(at.getTime() + PROBE_INTERVAL_MS);
  const brokenMs = at.getTime() - (brokenSince ?? at).getTime();
  return new Date(at.getTime() + Math.min(HOUR_MS, Math.max(MINUTE_MS, brokenMs)));
}
