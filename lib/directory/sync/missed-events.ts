import "server-only";
import type { ClientBase } from "pg";
import type { RunRef } from "@/lib/app-ref";
import { firstIdAt } from "@/lib/public-id";

/** Start of the last complete sync, if the app already received events then. */
const SINCE = `
  SELECT max(r.started_at) AS since FROM sync_run r
  WHERE r.organization_id = $1 AND r.app_id = $2 AND r.id <> $3 AND r.state = 'succeeded' AND r.is_complete
    AND r.mode <> 'preview' AND EXISTS (
      SELECT FROM event_subscription s JOIN dingtalk_app a ON a.organization_id = $1 AND a.id = $2
      WHERE s.organization_id = $1 AND s.created_at <= r.started_at AND s.last_event_at IS NOT NULL
        AND (s.app_id = a.id OR (a.kind = 'isv' AND s.suite_key = a.app_key)))`;

const COUNT = `
  WITH event AS MATERIALIZED (
    SELECT department_ids, user_ids FROM dingtalk_event WHERE organization_id = $1 AND app_id = $2 AND id >= $4),
  announced AS (
    SELECT 'department' AS object, unnest(department_ids)::text AS id FROM event
    UNION SELECT 'member', unnest(user_ids) FROM event)
  SELECT count(*)::int AS n FROM directory_change c
  WHERE c.organization_id = $1 AND c.set_id = $3 AND c.outcome IS NULL
    AND NOT EXISTS (SELECT FROM announced a WHERE a.object = c.object::text AND a.id = c.object_id)`;

/**
 * Counts the changes of a sync that no event has announced since the previous complete sync began. Call it before the
 * changes get an outcome. @returns `null` if the app did not receive events then
 */
export async function countMissedEvents(
  client: ClientBase,
  { organizationId, appId, runId }: RunRef,
): Promise<number | null> {
  const values = [organizationId, appId, runId];
  const { rows } = await client.query<{ since: Date | null }>(SINCE, values);
  const since = rows[0]?.since;
  if (!since) return null;
  const counted = await client.query<{ n: number }>(COUNT, [...values, firstIdAt(since.getTime())]);
  return counted.rows[0]?.n ?? 0;
}
