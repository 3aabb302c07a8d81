import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { notFound } from "@/lib/errors";
import { isUuid } from "@/lib/public-id";
import type { EndpointRef } from "../endpoints/endpoint-secrets";
import { parseEventId } from "../events/event-id";
import { numberEvents } from "../events/number-events";
import { afterRow } from "../events/position";
import { queueDelivery } from "./deliver-events";

const RESEND_ONE = `
  UPDATE webhook_delivery SET state = 'pending', attempts = 0, next_attempt_at = $5
  WHERE organization_id = $1 AND endpoint_id = $2 AND sequence = $3 AND number = $4`;

const FIRST_SINCE = `
  SELECT min(sequence)::float8 AS first FROM webhook_event
  WHERE organization_id = $1 AND sequence IS NOT NULL AND at >= $2`;

const MOVE_BACK = `
  UPDATE webhook_endpoint SET cursor_sequence = $3, cursor_number = $4
  WHERE organization_id = $1 AND id = $2 AND cursor_sequence > $3`;

/** Ends the pause after failed deliveries: a person who resends has probably repaired the receiver. */
const END_PAUSE = "UPDATE webhook_endpoint SET paused_until = NULL WHERE organization_id = $1 AND id = $2";

/** @throws {AppError} `not_found` for an event without a delivery to the endpoint */
export async function resendEvent(
  { organizationId }: Actor<"webhook.manage">,
  endpointId: string,
  eventId: string,
): Promise<void> {
  const position = parseEventId(organizationId, eventId);
  if (!isUuid(endpointId) || !position) throw notFound("event");
  await inOrganizationSql({ organizationId }, async (client) => {
    const values = [organizationId, endpointId, position.sequence, position.number, new Date()];
    const endpoint = await client.query(END_PAUSE, [organizationId, endpointId]);
    if (endpoint.rowCount !== 1 || (await client.query(RESEND_ONE, values)).rowCount !== 1) {
      throw notFound("event");
    }
  });
  await queueDelivery({ organizationId, endpointId });
}

async function moveBack({ organizationId, endpointId }: EndpointRef, since: Date): Promise<void> {
  await inOrganizationSql({ organizationId }, async (client) => {
    const { rowCount } = await client.query(END_PAUSE, [organizationId, endpointId]);
    if (rowCount !== 1) throw notFound("webhook");
    await numberEvents(client, organizationId);
    const { rows } = await client.query<{ first: number | null }>(FIRST_SINCE, [organizationId, since]);
    const first = rows[0]?.first ?? null;
    if (first === null) return;
    const start = afterRow(first - 1);
    await client.query(MOVE_BACK, [organizationId, endpointId, start.sequence, start.number]);
  });
}

/** Delivers all events since a time again, in order, with the endpoint's present types and apps. @throws {AppError} `not_found` */
export async function resendSince(
  { organizationId }: Actor<"webhook.manage">,
  endpointId: string,
  since: Date,
): Promise<void> {
  if (!isUuid(endpointId)) throw notFound("webhook");
  await moveBack({ organizationId, endpointId }, since);
  await queueDelivery({ organizationId, endpointId });
}
