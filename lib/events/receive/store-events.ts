import "server-only";
import type { ClientBase } from "pg";
import { v7 as newId } from "uuid";
import { type AppRef, keyOf } from "@/lib/app-ref";
import type { SealContext } from "@/lib/crypto/envelope";
import { type DingtalkEvent, topicOf } from "@/lib/dingtalk/read-event";
import { keepsPersonal } from "@/lib/directory/personal/storage-setting";
import { sendJob } from "@/lib/jobs/send-job";
import { Redacted } from "@/lib/redacted";
import { sealSecret } from "@/lib/secrets/sealed-secrets";
import type { SubscriptionRef } from "../subscription/callback-secrets";
import { storablePayload } from "./storable-payload";

export type EventSource = "http" | "stream" | "sync_http" | "failed_list";

export type ReceivedEvent = {
  readonly event: DingtalkEvent;
  /** The connected app that the event is for; `null` if there is none. */
  readonly appId: string | null;
  readonly isLate: boolean;
};

export const payloadContext = (organizationId: string, eventId: string): SealContext => ({
  organizationId,
  table: "dingtalk_event",
  row: eventId,
  column: "sealed_payload",
});

/** Keeps the first of repeated events. */
const INSERT = `
  INSERT INTO dingtalk_event (organization_id, id, subscription_id, app_id, type, source, dedupe_key, born_at, received_at,
    is_late, department_ids, user_ids, sealed_payload, has_personal, state)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, clock_timestamp(), $9, $10::bigint[], $11::text[], $12, $13, $14)
  ON CONFLICT (organization_id, subscription_id, dedupe_key) DO NOTHING`;

/** A SyncHTTP entry replaces the earlier state of its object, unless that one is newer. */
const DELETE_EARLIER = `
  DELETE FROM dingtalk_event WHERE organization_id = $1 AND subscription_id = $2 AND dedupe_key = $3
    AND (born_at IS NULL OR $4::timestamptz IS NULL OR born_at < $4)`;

const TOUCH = `
  UPDATE event_subscription SET last_event_at = now()
  WHERE organization_id = $1 AND id = $2 AND (last_event_at IS NULL OR last_event_at < now() - interval '5 seconds')`;

/**
 * Stores events in the caller's transaction, and queues the processing of the apps that have new ones. A repeated
 * event is not stored again.
 *
 * @returns the number of stored events
 */
export async function storeEvents(
  client: ClientBase,
  { organizationId, subscriptionId }: SubscriptionRef,
  { events, source }: { readonly events: readonly ReceivedEvent[]; readonly source: EventSource },
): Promise<number> {
  const keeps = await keepsPersonal(client, { organizationId });
  const due = new Set<string>();
  let stored = 0;
  for (const { event, appId, isLate } of events) {
    const id = newId();
    const state = appId !== null && needsProcessing(event) ? "pending" : "stored";
    const payload = storablePayload(event.payload, keeps);
    const bornAt = event.bornAtMs === null ? null : new Date(event.bornAtMs);
    if (source === "sync_http") {
      await client.query(DELETE_EARLIER, [organizationId, subscriptionId, event.dedupeKey, bornAt]);
    }
    const { rowCount } = await client.query(INSERT, [
      organizationId,
      id,
      subscriptionId,
      appId,
      event.type,
      source,
      event.dedupeKey,
      bornAt,
      isLate,
      event.departmentIds,
      event.userIds,
      sealSecret(payloadContext(organizationId, id), new Redacted(payload.text)),
      payload.hasPersonal,
      state,
    ]);
    if (rowCount !== 1) continue;
    stored += 1;
    if (state === "pending" && appId !== null) due.add(appId);
  }
  for (const appId of due) await queueProcessing(client, { organizationId, appId });
  await client.query(TOUCH, [organizationId, subscriptionId]);
  return stored;
}

const PROCESSED: ReadonlySet<string> = new Set(["department", "member", "admin", "organization"]);

const needsProcessing = ({ type }: DingtalkEvent): boolean => PROCESSED.has(topicOf(type));

/** Queues the processing of an app's pending events, unless it is queued already. */
export async function queueProcessing(client: ClientBase, app: AppRef): Promise<void> {
  const { organizationId, appId } = app;
  await sendJob("event.process", { organizationId, appId }, { tx: client, singletonKey: keyOf(app) });
}
