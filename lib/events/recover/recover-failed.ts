import "server-only";
import type { AppRef } from "@/lib/app-ref";
import { inOrganizationSql, readTogether } from "@/lib/db/unit-of-work";
import type { DingtalkCaller } from "@/lib/dingtalk/call";
import { readFailedCallbacks } from "@/lib/dingtalk/callback-api";
import type { Dingtalk } from "@/lib/dingtalk/client";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { readEvent } from "@/lib/dingtalk/read-event";
import type { JsonObject } from "@/lib/dingtalk/read-json";
import { AppError } from "@/lib/errors";
import { type ReceivedEvent, storeEvents } from "../receive/store-events";
import type { SubscriptionRef } from "../subscription/callback-secrets";

export type RecoverTools = { readonly dingtalk: Dingtalk; readonly callerOf: () => Promise<DingtalkCaller> };

/** Suites have no list of failed callbacks. */
const SUBSCRIPTION = `
  SELECT s.id AS "subscriptionId" FROM event_subscription s
  JOIN dingtalk_app a ON a.organization_id = $1 AND a.id = s.app_id AND a.state <> 'disabled'
  WHERE s.organization_id = $1 AND s.app_id = $2 AND s.way = 'http' AND s.verified_at IS NOT NULL`;

/**
 * Reads the callbacks that DingTalk could not deliver to an app, and stores each page before the next one is read.
 *
 * @returns whether there will be more, so that the job is due again
 * @throws the signal's reason
 */
export async function recoverFailed(app: AppRef, tools: RecoverTools, signal: AbortSignal): Promise<boolean> {
  const { organizationId, appId } = app;
  const [subscription] = await readTogether<{ subscriptionId: string }>({ organizationId }, SUBSCRIPTION, [
    organizationId,
    appId,
  ]);
  if (!subscription) return false;
  const ref = { organizationId, ...subscription };
  try {
    const caller = await tools.callerOf();
    for (let hasMore = true; hasMore; ) {
      const page = await readFailedCallbacks(tools.dingtalk, caller, { signal });
      await store(app, ref, page.events);
      ({ hasMore } = page);
    }
    return true;
  } catch (error) {
    if (error instanceof AppError && (error.code === "not_found" || error.code === "conflict")) return false;
    if (!(error instanceof DingtalkError)) throw error;
    await recordFailure(ref, error);
    return true;
  }
}

const READ = `
  UPDATE event_subscription SET failed_read_at = now(), failed_error = NULL
  WHERE organization_id = $1 AND id = $2`;

const FAILED = `UPDATE event_subscription SET failed_error = $3 WHERE organization_id = $1 AND id = $2`;

function store(
  { organizationId, appId }: AppRef,
  ref: SubscriptionRef,
  payloads: readonly JsonObject[],
): Promise<void> {
  const events = payloads.flatMap((payload): ReceivedEvent[] => {
    const read = readEvent(JSON.stringify(payload));
    return read.ok ? [{ event: read.value, appId, isLate: false }] : [];
  });
  return inOrganizationSql({ organizationId }, async (client) => {
    if (events.length > 0) await storeEvents(client, ref, { events, source: "failed_list" });
    await client.query(READ, [organizationId, ref.subscriptionId]);
  });
}

const recordFailure = ({ organizationId, subscriptionId }: SubscriptionRef, error: DingtalkError) =>
  inOrganizationSql({ organizationId }, (client) =>
    client.query(FAILED, [organizationId, subscriptionId, JSON.stringify(error.describe())]),
  );
