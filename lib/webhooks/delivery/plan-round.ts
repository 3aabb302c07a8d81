import "server-only";
import type { ClientBase } from "pg";
import { removeWaitingJobs } from "@/lib/jobs/send-job";
import { deliveryJobKey } from "@/lib/webhook-log/record-event";
import type { EndpointRef } from "../endpoints/endpoint-secrets";
import { numberEvents } from "../events/number-events";
import { afterRow, type Position } from "../events/position";
import { type ReadEvent, readEvents, readMessages, type WebhookMessage } from "../events/read-events";
import { type Claim, type ClaimedEndpoint, claimEndpoint } from "./claim-endpoint";

/** Deliveries to one endpoint at once. */
export const CONCURRENT_MAX = 10;
const ROUND_MAX = 100;

export type DueDelivery = Position & {
  readonly attempts: number;
  /** `null` if the event is no longer kept. */
  readonly message: WebhookMessage | null;
};

export type Round = {
  readonly endpoint: ClaimedEndpoint;
  readonly due: readonly DueDelivery[];
  /** There are later events for which no delivery exists yet. */
  readonly hasMore: boolean;
  /** Set while nothing may be sent. */
  readonly pausedUntil: Date | null;
};

/** A delivery that was made before is made again, because its event was read again on request. */
const ADD = `
  INSERT INTO webhook_delivery AS d (organization_id, endpoint_id, sequence, number, type, app_id, order_key, at, state,
    next_attempt_at)
  SELECT $1, $2, e.sequence, e.number, e.type, e.app_id, e.order_key, e.at, 'pending', $9
  FROM unnest($3::bigint[], $4::int[], $5::text[], $6::uuid[], $7::text[], $8::timestamptz[])
    AS e (sequence, number, type, app_id, order_key, at)
  ON CONFLICT (organization_id, endpoint_id, sequence, number)
    DO UPDATE SET state = 'pending', attempts = 0, next_attempt_at = excluded.next_attempt_at`;

const MOVE_CURSOR =
  "UPDATE webhook_endpoint SET cursor_sequence = $3, cursor_number = $4 WHERE organization_id = $1 AND id = $2";

/** Condition for deliveries that wait for no earlier one of the same department or member, if $3 is true. */
export const UNBLOCKED = `
  d.organization_id = $1 AND d.endpoint_id = $2 AND d.state = 'pending' AND (NOT $3::boolean OR NOT EXISTS (
    SELECT FROM webhook_delivery p
    WHERE p.organization_id = $1 AND p.endpoint_id = $2 AND p.state = 'pending' AND p.order_key = d.order_key
      AND (p.sequence, p.number) < (d.sequence, d.number)))`;

const DUE = `
  SELECT d.sequence::float8 AS sequence, d.number, d.attempts FROM webhook_delivery d
  WHERE ${UNBLOCKED} AND d.next_attempt_at <= $4 ORDER BY d.sequence, d.number LIMIT $5`;

const orderKey = ({ message: { appId }, object }: ReadEvent): string =>
  object === null ? appId : `${appId}/${object}`;

async function addDeliveries(
  client: ClientBase,
  { organizationId, endpointId }: EndpointRef,
  events: readonly ReadEvent[],
  at: Date,
): Promise<void> {
  if (events.length === 0) return;
  const column = <T>(of: (event: ReadEvent) => T) => events.map(of);
  await client.query(ADD, [
    organizationId,
    endpointId,
    column(({ message }) => message.sequence),
    column(({ message }) => message.number),
    column(({ message }) => message.type),
    column(({ message }) => message.appId),
    column(orderKey),
    column(({ message }) => message.timestamp),
    at,
  ]);
}

const keyOf = ({ sequence, number }: Position) => `${sequence} ${number}`;

async function readDue(
  client: ClientBase,
  { organizationId, endpointId }: EndpointRef,
  { isOrdered, failedRounds }: ClaimedEndpoint,
  { events, at }: { readonly events: readonly ReadEvent[]; readonly at: Date },
): Promise<DueDelivery[]> {
  const limit = failedRounds > 0 ? CONCURRENT_MAX : ROUND_MAX;
  const { rows } = await client.query<Omit<DueDelivery, "message">>(DUE, [
    organizationId,
    endpointId,
    isOrdered,
    at,
    limit,
  ]);
  const messages = new Map(events.map(({ message }) => [keyOf(message), message]));
  const others = rows.filter((row) => !messages.has(keyOf(row)));
  for (const message of await readMessages(client, organizationId, others)) {
    messages.set(keyOf(message), message);
  }
  return rows.map((row) => ({ ...row, message: messages.get(keyOf(row)) ?? null }));
}

/**
 * Makes deliveries of the next events and returns those that are due. @returns `null` if the job has no claim on the
 * endpoint; no delivery while the endpoint is paused
 */
export async function planRound(client: ClientBase, claim: Claim, nowMs: number): Promise<Round | null> {
  const { organizationId, endpointId } = claim;
  const endpoint = await claimEndpoint(client, claim, nowMs);
  if (!endpoint) return null;
  const { pausedUntil } = endpoint;
  if (pausedUntil && pausedUntil.getTime() > nowMs) return { endpoint, due: [], hasMore: false, pausedUntil };
  // Their events are committed, so they are read below.
  await removeWaitingJobs(client, "webhook.deliver", deliveryJobKey(organizationId, endpointId));
  const { last } = await numberEvents(client, organizationId);
  const { cursor: after, types, appIds } = endpoint;
  const page = await readEvents(client, organizationId, { after, types, appIds, limit: ROUND_MAX });
  const at = new Date(nowMs);
  await addDeliveries(client, claim, page.events, at);
  const end = page.hasMore ? page.end : afterRow(Math.max(last, after.sequence));
  await client.query(MOVE_CURSOR, [organizationId, endpointId, end.sequence, end.number]);
  const due = await readDue(client, claim, endpoint, { events: page.events, at });
  return { endpoint, due, hasMore: page.hasMore, pausedUntil: null };
}
