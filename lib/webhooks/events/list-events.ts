import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { AppError } from "@/lib/errors";
import { encodeEventCursor } from "./event-cursor";
import { numberEvents } from "./number-events";
import { afterRow, type Position, START } from "./position";
import { readEvents, type WebhookMessage } from "./read-events";

export type EventsQuery = {
  readonly after?: Position | undefined;
  readonly limit: number;
  /** `null` for all apps. */
  readonly appIds: readonly string[] | null;
};

export type ListedEvents = {
  readonly events: readonly WebhookMessage[];
  /** Cursor of the next page, also for later events. */
  readonly nextCursor: string;
  readonly hasMore: boolean;
};

/**
 * Returns a page of the events after a place, in the order in which webhooks deliver them.
 * @throws {AppError} `invalid_input` for a place after the last event; `cursor_expired`
 */
export function listEvents(
  { organizationId }: Actor<"webhook.read">,
  { after = START, limit, appIds }: EventsQuery,
): Promise<ListedEvents> {
  return inOrganizationSql({ organizationId }, async (client) => {
    const { last, pruned } = await numberEvents(client, organizationId);
    if (after.sequence > last) {
      throw new AppError("invalid_input", "the cursor is after the last event", { detail: "after" });
    }
    if (after !== START && after.sequence < pruned)
      throw new AppError("cursor_expired", "events after the cursor are older than 30 days");
    const page = await readEvents(client, organizationId, { after, limit, appIds, types: null });
    return {
      events: page.events.map(({ message }) => message),
      nextCursor: encodeEventCursor(page.hasMore ? page.end : afterRow(last)),
      hasMore: page.hasMore,
    };
  });
}
