import "server-only";
import type { AppRef } from "@/lib/app-ref";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { AppError } from "@/lib/errors";
import { processWide } from "@/lib/process-wide";
import type { StoredToken } from "../store/stored-token";
import type { TokenMemory } from "../store/token-memory";

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

const isDatabaseAway = (error: unknown): boolean =>
  error instanceof AppError && !(error instanceof DingtalkError) && error.code === "unavailable";

/**
 * Returns the last known token, if it hasn't expired, in place of a read that failed because the database is away.
 * @throws the read's error if it has another cause or no such token is known
 */
export function serveStaleToken(
  error: unknown,
  memory: Pick<TokenMemory, "findStale">,
  { app, nowMs }: { readonly app: AppRef; readonly nowMs: number },
): StoredToken {
  const token = isDatabaseAway(error) ? memory.findStale(app, nowMs) : null;
  if (!token) throw error;
  recordStaleRead();
  return token;
}
