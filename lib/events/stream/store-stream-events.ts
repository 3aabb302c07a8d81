import "server-only";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import type { StreamEvent } from "@/lib/dingtalk/stream/frames";
import { AppError } from "@/lib/errors";
import { isLate } from "../receive/late";
import { storeEvents } from "../receive/store-events";
import type { StreamRef } from "./load-streams";

/** Keeps an app's deletion from leaving events behind. */
const LOCK = `
  SELECT 1 FROM event_subscription WHERE organization_id = $1 AND id = $2 AND way = 'stream' FOR KEY SHARE`;

/**
 * Stores the events of a connection and queues their processing. A repeated event is not stored again.
 *
 * @throws {AppError} `not_found` for a deleted subscription; `unavailable`. DingTalk sends the events again then.
 */
export function storeStreamEvents(stream: StreamRef, events: readonly StreamEvent[]): Promise<void> {
  const { organizationId, subscriptionId, appId } = stream;
  return inOrganizationSql({ organizationId }, async (client) => {
    const { rowCount } = await client.query(LOCK, [organizationId, subscriptionId]);
    if (rowCount !== 1) throw new AppError("not_found", "the subscription needs no connection");
    const received = events.map(({ event, sentAtMs }) => ({
      event,
      appId,
      isLate: sentAtMs !== null && isLate(sentAtMs),
    }));
    await storeEvents(client, stream, { events: received, source: "stream" });
  });
}
