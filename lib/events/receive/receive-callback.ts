import "server-only";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { type CallbackReply, callbackReply } from "@/lib/dingtalk/callback-crypto";
import { type DingtalkEvent, readEvent, topicOf } from "@/lib/dingtalk/read-event";
import { fieldOf, objectOf, textOf } from "@/lib/dingtalk/read-fields";
import { parseJson } from "@/lib/dingtalk/read-json";
import { isSyncHttp, readSyncHttp } from "@/lib/dingtalk/read-sync-http";
import { Redacted } from "@/lib/redacted";
import { scheduleRecovery } from "../recover/schedule-recovery";
import { isLate } from "./late";
import { type CallbackSubscription, loadCallback } from "./load-callback";
import { type OpenedCallback, openCallback } from "./open-callback";
import { type ReceivedEvent, storeEvents } from "./store-events";
import { storeSuiteTicket } from "./suite-ticket";

export type IncomingCallback = {
  /** The last segment of the address. */
  readonly address: string;
  readonly query: URLSearchParams;
  readonly body: string;
};

/** `refused`: any check failed; `duplicate`: acknowledged, and nothing was stored. */
export type CallbackOutcome = "refused" | "checked" | "stored" | "duplicate";

export type ReceivedCallback =
  | { readonly outcome: "refused" }
  | { readonly outcome: Exclude<CallbackOutcome, "refused">; readonly reply: CallbackReply };

const REFUSED = { outcome: "refused" } as const;

/**
 * Verifies a callback, stores its events and returns the reply for DingTalk. Processing follows in a job, because
 * DingTalk waits 1,200 ms at most.
 *
 * @throws {AppError} `unavailable`; DingTalk repeats the callback then
 * @see docs/dingtalk/callbacks.md#receiver-algorithm
 */
export async function receiveCallback({ address, query, body }: IncomingCallback): Promise<ReceivedCallback> {
  const subscription = await loadCallback(address);
  const encrypt = encryptOf(body);
  if (subscription === null || encrypt === null) return REFUSED;
  const opened = openCallback(subscription, { query, encrypt });
  if (opened === null) return REFUSED;
  const read = readEvent(opened.message);
  if (!read.ok) return REFUSED;
  const outcome = await storeCallback(subscription, opened, read.value);
  return { outcome, reply: callbackReply(opened.secrets, opened.ownerKey, { nowMs: Date.now() }) };
}

function encryptOf(body: string): string | null {
  const parsed = parseJson(body);
  const fields = parsed.ok ? objectOf(parsed.value) : null;
  return fields && textOf(fieldOf(fields, "encrypt"));
}

async function storeCallback(
  subscription: CallbackSubscription,
  opened: OpenedCallback,
  event: DingtalkEvent,
): Promise<"checked" | "stored" | "duplicate"> {
  if (topicOf(event.type) === "check") {
    await recordCheck(subscription, opened);
    return "checked";
  }
  const late = isLate(msOf(opened.timestamp));
  const source = isSyncHttp(event) ? "sync_http" : "http";
  const events = (source === "sync_http" ? readSyncHttp(event) : [event]).map(
    (one): ReceivedEvent => ({ event: one, appId: appOf(subscription, one), isLate: late }),
  );
  const stored = await inOrganizationSql(subscription, async (client) => {
    for (const { event: one } of events) {
      const suiteTicket = suiteTicketOf(one);
      const at = new Date(Math.min(one.bornAtMs ?? Date.now(), Date.now()));
      if (suiteTicket) await storeSuiteTicket(client, { ...subscription, suiteTicket, at });
    }
    const count = await storeEvents(client, subscription, { events, source });
    if (opened.ownerKind !== subscription.ownerKind) {
      await client.query(
        "UPDATE event_subscription SET owner_kind = $3 WHERE organization_id = $1 AND id = $2",
        [subscription.organizationId, subscription.subscriptionId, opened.ownerKind],
      );
    }
    return count;
  });
  return stored > 0 ? "stored" : "duplicate";
}

const CHECKED = `
  UPDATE event_subscription SET verified_at = now(), owner_kind = $3 WHERE organization_id = $1 AND id = $2`;

/** Records that DingTalk reached the address, and starts the reads of failed callbacks. */
function recordCheck(
  { organizationId, subscriptionId, apps }: CallbackSubscription,
  { ownerKind }: OpenedCallback,
): Promise<void> {
  return inOrganizationSql({ organizationId }, async (client) => {
    await client.query(CHECKED, [organizationId, subscriptionId, ownerKind]);
    for (const { appId, kind } of apps) {
      if (kind !== "isv") await scheduleRecovery({ organizationId, appId }, new Date(), client);
    }
  });
}

const msOf = (timestamp: string): number => Number(timestamp) * (timestamp.length <= 10 ? 1_000 : 1);

/** Returns the app that an event is for: the only one, or the suite's app of the event's organization. */
function appOf({ apps }: CallbackSubscription, { corpId }: DingtalkEvent): string | null {
  const [app] = apps;
  if (app && app.kind !== "isv") return app.appId;
  return apps.find((one) => one.corpId === corpId)?.appId ?? null;
}

function suiteTicketOf({ type, payload }: DingtalkEvent): Redacted | null {
  if (topicOf(type) !== "suite_ticket") return null;
  const data = objectOf(fieldOf(payload, "biz_data")) ?? payload;
  const ticket = textOf(fieldOf(data, "suiteTicket"));
  return ticket === null ? null : new Redacted(ticket);
}
