import "server-only";
import { type AppRef, parseAppRef } from "@/lib/app-ref";
import type { Actor } from "@/lib/auth/actor";
import { lockApp } from "@/lib/db/lock-app";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { notFound } from "@/lib/errors";
import { isUuid } from "@/lib/public-id";
import { queueProcessing } from "../receive/store-events";

const AGAIN = `
  UPDATE dingtalk_event SET state = 'pending', handled_at = NULL, change_set_id = NULL, error = NULL
  WHERE organization_id = $1 AND app_id = $2 AND state IN ('handled', 'failed')`;

/** @throws {AppError} `not_found` */
async function repeat(app: AppRef, condition: string, value: unknown): Promise<number> {
  return inOrganizationSql(app, async (client) => {
    await lockApp(client, app);
    const { rowCount } = await client.query(`${AGAIN} AND ${condition}`, [
      app.organizationId,
      app.appId,
      value,
    ]);
    if (rowCount) await queueProcessing(client, app);
    return rowCount ?? 0;
  });
}

/**
 * Repeats the re-read of one event's objects. The stored payload is never applied.
 *
 * @throws {AppError} `not_found` also for an event that needs no processing
 */
export async function reprocessEvent(
  actor: Actor<"directory.sync">,
  appId: string,
  eventId: string,
): Promise<void> {
  const app = parseAppRef(actor.organizationId, appId);
  if (!isUuid(eventId) || (await repeat(app, "id = $3::uuid", eventId)) === 0) throw notFound("event");
}

/**
 * Repeats the re-reads of all events that were received since a time.
 *
 * @returns the number of events
 * @throws {AppError} `not_found`
 */
export const reprocessSince = (actor: Actor<"directory.sync">, appId: string, since: Date): Promise<number> =>
  repeat(parseAppRef(actor.organizationId, appId), "received_at >= $3::timestamptz", since);
