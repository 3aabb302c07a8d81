import "server-only";
import { readTogether } from "@/lib/db/unit-of-work";
import { queueDelivery } from "./deliver-events";

/** A delivery that is this late has lost its job. */
const LATE_MS = 60_000;

const LOST = `
  SELECT p.id FROM webhook_endpoint p
  WHERE p.organization_id = $1 AND p.disabled_at IS NULL AND (p.paused_until IS NULL OR p.paused_until < $2) AND (
    EXISTS (SELECT FROM webhook_event e WHERE e.organization_id = $1 AND e.at < $2 AND e.sequence IS NULL)
    OR EXISTS (SELECT FROM webhook_event e
      WHERE e.organization_id = $1 AND e.at < $2 AND e.sequence > p.cursor_sequence)
    OR EXISTS (SELECT FROM webhook_delivery d WHERE d.organization_id = $1 AND d.endpoint_id = p.id
      AND d.state = 'pending' AND d.next_attempt_at < $2))`;

/** Queues the lost deliveries of an organization's endpoints again. @returns the number of endpoints */
export async function sweepWebhooks(organizationId: string, nowMs = Date.now()): Promise<number> {
  const values = [organizationId, new Date(nowMs - LATE_MS)];
  const lost = await readTogether<{ id: string }>({ organizationId }, LOST, values);
  for (const { id: endpointId } of lost) await queueDelivery({ organizationId, endpointId });
  return lost.length;
}
