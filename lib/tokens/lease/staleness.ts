import "server-only";
import { processWide } from "@/lib/process-wide";

/** How far this process answers from memory because it can't ask the database. */
export type Staleness = {
  /** Since when it does; `null` while the database answers. */
  readonly since: Date | null;
  /** Answers from memory since the process began. */
  readonly reads: number;
};

const state = () => processWide("tokens.staleness", () => ({ since: null as Date | null, reads: 0 }));

/** For `/readyz` and metrics. */
export const staleness = (): Staleness => ({ ...state() });

export function noteStaleRead(now: Date = new Date()): void {
  const held = state();
  held.since ??= now;
  held.reads += 1;
}

/** The database answered: that is over. */
export function noteSureRead(): void {
  state().since = null;
}
