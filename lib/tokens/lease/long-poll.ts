import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { Waiting } from "@/lib/limits/waiting-requests";
import { processWide } from "@/lib/process-wide";
import { untilStop } from "@/lib/stopping";
import type { Lease } from "./read-lease";
import { type Wait, waitForNewer } from "./wait-for-newer";

const waiting = () => processWide("tokens.waiting", () => new Waiting());

/**
 * Runs `waitForNewer` for a service within the limits of S30, and ends the wait when this process stops.
 *
 * @throws {AppError} `rate_limited` when too many requests of the key or the organization wait; `unavailable` when too many
 *   wait in all, and when this process stops
 * @throws as `waitForNewer`
 */
export async function longPoll(
  actor: Actor<"token.read">,
  appId: string,
  wait: Wait,
  signal: AbortSignal,
): Promise<Lease> {
  const leave = waiting().enter(actor.organizationId, actor.keyId ?? "");
  try {
    return await waitForNewer(actor, appId, wait, { signal: AbortSignal.any([signal, untilStop()]) });
  } finally {
    leave();
  }
}
