import "server-only";
import { processWide } from "@/lib/process-wide";

export type Staleness = {
  /** The first stale read of the current outage; `null` while the database answers. */
  readonly since: Date | null;
  readonly reads: number;
};

const state = () => processWide("tokens.staleness", () => ({ since: null as Date | null, reads: 0 }));

export const staleness = (): Staleness => ({ ...state() });

export function recordStaleRead(now: Date = new Date()): void {
  const current = state();
  current.since ??= now;
  current.reads += 1;
}

export function recordFreshRead(): void {
  state().since = null;
}
