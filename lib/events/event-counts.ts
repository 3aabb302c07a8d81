import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { readTogether } from "@/lib/db/unit-of-work";
import { firstIdAt } from "@/lib/public-id";

export type EventCounts = {
  readonly received: number;
  /** Events whose re-read failed. */
  readonly failed: number;
  /** True if the organization has a subscription, also one without events. */
  readonly isSubscribed: boolean;
};

const COUNT = `
  SELECT count(*)::int AS received, count(*) FILTER (WHERE state = 'failed')::int AS failed,
    EXISTS (SELECT 1 FROM event_subscription WHERE organization_id = $1) AS "isSubscribed"
  FROM dingtalk_event WHERE organization_id = $1 AND id >= $2 AND ($3::uuid IS NULL OR app_id = $3)`;

/** Counts the events that an app, or all apps of the organization, received since a time. */
export async function countEvents(
  { organizationId }: Actor<"directory.read">,
  { since, appId = null }: { readonly since: Date; readonly appId?: string | null },
): Promise<EventCounts> {
  const [counts] = await readTogether<EventCounts>({ organizationId }, COUNT, [
    organizationId,
    firstIdAt(since.getTime()),
    appId,
  ]);
  return counts ?? { received: 0, failed: 0, isSubscribed: false };
}
