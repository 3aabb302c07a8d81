import { processWide } from "@/lib/process-wide";

const REPEAT_AFTER_MS = 60_000;
const KINDS_MAX = 100;

/** Allows one log line of each kind per minute, so that the failure of many connections at once is one line. */
export function isLogDue(kind: string, nowMs = performance.now()): boolean {
  const loggedAtMs = processWide("log.kinds", () => new Map<string, number>());
  if (nowMs - (loggedAtMs.get(kind) ?? Number.NEGATIVE_INFINITY) < REPEAT_AFTER_MS) return false;
  if (loggedAtMs.size >= KINDS_MAX) loggedAtMs.clear();
  loggedAtMs.set(kind, nowMs);
  return true;
}
