import type { Subscription } from "@/lib/events/subscription/queries";

/** Returns the state for its badge; `null` if the app has no subscription, or left Stream mode without one. */
export function subscriptionState(subscription: Subscription | null) {
  if (subscription === null) return null;
  const { way, stream, secrets, verifiedAt } = subscription;
  if (way === "stream") {
    if (stream.connectedAt !== null) return "connected";
    return stream.fault === null ? "connecting" : "disconnected";
  }
  if (secrets.length === 0) return null;
  return verifiedAt === null ? "waiting" : "working";
}
