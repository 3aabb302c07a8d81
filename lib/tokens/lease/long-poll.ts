import "server-only";
import { type AppRef, parseAppRef } from "@/lib/app-ref";
import type { Actor } from "@/lib/auth/actor";
import { WaitingRequests } from "@/lib/limits/waiting-requests";
import { processWide } from "@/lib/process-wide";
import { untilStop } from "@/lib/stop-waiting";
import { ourTokenService, type TokenService } from "../renewal/token-service";
import { type Lease, type LeaseOptions, takeLease } from "./read-lease";

const POLL_MS = 1_000;

export type LongPoll = {
  readonly afterVersion: number;
  readonly waitMs: number;
};

const waiting = () => processWide("tokens.waiting", () => new WaitingRequests());

/**
 * Runs `waitForNewer` within the limits of S30, and ends the wait when this process stops.
 * @throws {AppError} `rate_limited` if too many of the key or organization wait; `unavailable` if too many wait in
 *   this process
 * @throws as `waitForNewer`
 */
export async function longPoll(
  actor: Actor<"token.read">,
  appId: string,
  poll: LongPoll,
  signal: AbortSignal,
): Promise<Lease> {
  const leave = waiting().enter(actor.organizationId, actor.keyId ?? "");
  try {
    return await waitForNewer(actor, appId, poll, { signal: AbortSignal.any([signal, untilStop()]) });
  } finally {
    leave();
  }
}

/**
 * Returns the first lease that is newer than a version, or the current one after `waitMs`. Holds no connection.
 * @throws as `readLease`, without waiting; the signal's reason when it aborts
 */
export async function waitForNewer(
  { organizationId }: Actor<"token.read">,
  appId: string,
  { afterVersion, waitMs }: LongPoll,
  { service = ourTokenService(), signal }: LeaseOptions = {},
): Promise<Lease> {
  const app = parseAppRef(organizationId, appId);
  const untilMs = service.now() + waitMs;
  for (;;) {
    const change = service.memory.nextChange(app);
    try {
      const lease = await takeLease(service, app, signal);
      const leftMs = untilMs - service.now();
      if (lease.version > afterVersion || leftMs <= 0) return lease;
      await pauseUntil(service, change.happened, { ms: Math.min(leftMs, nextReadMs(service, app)), signal });
    } finally {
      change.stop();
    }
  }
}

function nextReadMs({ memory, now }: TokenService, app: AppRef): number {
  const nowMs = now();
  const remembered = memory.find(app, nowMs);
  return remembered ? remembered.freshUntilMs - nowMs : POLL_MS;
}

type Pause = { readonly ms: number; readonly signal: AbortSignal | undefined };

async function pauseUntil(
  service: TokenService,
  happened: Promise<void>,
  { ms, signal }: Pause,
): Promise<void> {
  const over = new AbortController();
  const until = AbortSignal.any([over.signal, ...(signal ? [signal] : [])]);
  const paused = service.pause(ms, until).catch(() => {});
  await Promise.race([happened, paused]);
  over.abort();
  signal?.throwIfAborted();
}
