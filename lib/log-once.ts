import { processWide } from "@/lib/process-wide";

const REPEAT_AFTER_MS = 60_000;
const KINDS_MAX = 100;

/**
 * Returns whether a line of this kind may be logged now, which is once a minute: what fails at many places at once, such
 * as every connection while the database is away, is one line.
 */
export function isLogDue(kind: string, nowMs = performance.now()): boolean {
  const loggedAtMs = processWide("log.kinds", () => new Map<string, number>());
  if (nowMs - (loggedAtMs.get(kind) ?? Number.NEGATIVE_INFINITY) < REPEAT_AFTER_MS) return false;
  if (loggedAtMs.size >= KINDS_MAX) loggedAtMs.clear();
  loggedAtMs.set(kind, nowMs);
  return true;
}
