import "server-only";
import { createHash } from "node:crypto";
import type { Actor } from "@/lib/auth/actor";
import { readTogether } from "@/lib/db/unit-of-work";
import { getLiveState } from "@/lib/directory/runs/live-state";
import type { LiveState } from "@/lib/directory/runs/run-states";

const NEWEST = `
  SELECT (SELECT jsonb_agg(jsonb_build_array(e.id, e.state)) FROM (
      SELECT id, state FROM dingtalk_event WHERE organization_id = $1 AND app_id = $2 ORDER BY id DESC LIMIT 50) e) AS events,
    (SELECT jsonb_agg(jsonb_build_array(s.id, s.verified_at, s.last_event_at, s.failed_read_at IS NULL,
        s.way, s.stream_connected_at, s.stream_error))
      FROM event_subscription s WHERE s.organization_id = $1 AND (s.app_id = $2 OR s.suite_key IS NOT NULL)) AS subscriptions`;

/** Returns an app's live state with a stamp that also changes with its newest events and its subscription. */
export async function getLiveEvents(actor: Actor<"directory.read">, appId: string): Promise<LiveState> {
  const { organizationId } = actor;
  const state = await getLiveState(actor, appId);
  const [facts] = await readTogether<object>({ organizationId }, NEWEST, [organizationId, appId]);
  const stamp = createHash("sha256")
    .update(JSON.stringify([state.stamp, facts]))
    .digest("base64url")
    .slice(0, 16);
  return { ...state, stamp };
}
