import "server-only";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import type { AppRef } from "./app-ref";
import { ATTEMPTS_TEST_MAX, ATTEMPTS_WINDOW_MS, nextAllowedMs } from "./renewal-policy";

const MAKE = `
  INSERT INTO app_token (organization_id, app_id, version, attempted_at)
  SELECT organization_id, id, 0, '{}' FROM dingtalk_app WHERE organization_id = $1 AND id = $2
  ON CONFLICT DO NOTHING`;

const COUNT = `
  UPDATE app_token SET
    attempted_at = ARRAY(SELECT a FROM unnest(attempted_at) a WHERE a >= $4) || $3::timestamptz
  WHERE organization_id = $1 AND app_id = $2
    AND (SELECT count(*) FROM unnest(attempted_at) a WHERE a >= $4) < $5`;

const ATTEMPTS = "SELECT attempted_at FROM app_token WHERE organization_id = $1 AND app_id = $2";

/**
 * Counts a connection test of a connected app among the exchanges that the app may make in ten minutes, before
 * DingTalk is asked: DingTalk counts them by the AppKey, whatever we call them. It doesn't claim the renewal, so
 * nobody who needs a token waits for a test.
 *
 * @returns `null` when it may be made; else milliseconds until it may. Renewals may still be made then.
 */
export function countTest(app: AppRef, nowMs: number = Date.now()): Promise<number | null> {
  const ids = [app.organizationId, app.appId];
  return inOrganizationSql(app, async (client) => {
    await client.query(MAKE, ids);
    const [at, since] = [new Date(nowMs), new Date(nowMs - ATTEMPTS_WINDOW_MS)];
    const { rowCount } = await client.query(COUNT, [...ids, at, since, ATTEMPTS_TEST_MAX]);
    if (rowCount === 1) return null;
    const { rows } = await client.query<{ attempted_at: Date[] }>(ATTEMPTS, ids);
    return Math.max(1, nextAllowedMs(rows[0]?.attempted_at ?? [], nowMs, ATTEMPTS_TEST_MAX) - nowMs);
  });
}
