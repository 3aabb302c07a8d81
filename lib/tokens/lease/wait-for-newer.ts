import "server-only";
import type { AppRef } from "@/lib/app-ref";
import type { Actor } from "@/lib/auth/actor";
import { type Keeper, ourKeeper } from "../renewal/token-service";
import { appRefOf, type Lease, type LeaseOptions, takeLease } from "./read-lease";

/** While nothing is heard of changes, the database is asked this often. */
const LOOK_AGAIN_MS = 1_000;

export type Wait = {
  readonly afterVersion: number;
  /** How long the caller has time. */
  readonly waitMs: number;
};

/**
 * The first lease that is newer than a version, or the present one when the time is over. Notices wake it, and
 * it holds no database connection while it waits. Its caller counts it (`lib/limits/waiting-requests.ts`).
 *
 * @throws as `readLease`, at once
 * @throws the signal's reason when it aborts
 */
export async function waitForNewer(
  { organizationId }: Actor<"token.read">,
  appId: string,
  { afterVersion, waitMs }: Wait,
  { keeper = ourKeeper(), signal }: LeaseOptions = {},
): Promise<Lease> {
  const app = appRefOf(organizationId, appId);
  const untilMs = keeper.now() + waitMs;
  for (;;) {
    const change = keeper.memory.nextChange(app);
    try {
      const lease = await takeLease(keeper, app, signal);
      const leftMs = untilMs - keeper.now();
      if (lease.version > afterVersion || leftMs <= 0) return lease;
      await orPaused(keeper, change.happened, { ms: Math.min(leftMs, lookAgainMs(keeper, app)), signal });
    } finally {
      change.stop();
    }
  }
}

/** A lease that is to be renewed is looked at then, and all of them often while nothing is heard. */
function lookAgainMs({ memory, now }: Keeper, app: AppRef): number {
  const nowMs = now();
  const held = memory.find(app, nowMs);
  return held ? held.goodUntilMs - nowMs : LOOK_AGAIN_MS;
}

type Pause = { readonly ms: number; readonly signal: AbortSignal | undefined };

async function orPaused(keeper: Keeper, happened: Promise<void>, { ms, signal }: Pause): Promise<void> {
  const over = new AbortController();
  const until = AbortSignal.any([over.signal, ...(signal ? [signal] : [])]);
  const paused = keeper.pause(ms, until).catch(() => {});
  await Promise.race([happened, paused]);
  over.abort();
  signal?.throwIfAborted();
}
