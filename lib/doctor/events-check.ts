import "server-only";
import { getSubscription, type Subscription } from "@/lib/events/subscription/queries";
import { absent, type Finding, failed, finding, passed } from "./findings";

function wayFinding({ way, stream, verifiedAt, failedFault, secrets }: Subscription): Finding {
  if (way === "stream") {
    if (stream.connectedAt !== null) return passed({ way });
    return stream.fault ? failed(stream.fault) : finding("warning", { way });
  }
  if (secrets.length === 0) return absent();
  if (verifiedAt === null) return finding("warning", { way });
  return failedFault ? failed(failedFault) : passed({ way });
}

/**
 * Reports whether an app's events arrive, from stored facts and without a call. Changes that the last complete sync
 * found and no event had announced are a warning.
 */
export async function checkEvents(
  actor: Parameters<typeof getSubscription>[0],
  appId: string,
): Promise<Finding> {
  const subscription = await getSubscription(actor, appId);
  if (!subscription) return absent();
  const found = wayFinding(subscription);
  const missed = subscription.missed?.changes ?? 0;
  return found.state === "passed" && missed > 0 ? finding("warning", { ...found.facts, missed }) : found;
}
