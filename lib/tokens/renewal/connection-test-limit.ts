import "server-only";
import type { AppRef } from "@/lib/app-ref";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { readTokenRow } from "../store/stored-token";
import { ATTEMPTS_WINDOW_MS, attemptLimits, nextAllowedMs } from "./renewal-policy";

const COUNT = `
  UPDATE app_token SET
    attempted_at = ARRAY(SELECT a FROM unnest(attempted_at) a WHERE a >= $4) || $3::timestamptz
  WHERE organization_id = $1 AND app_id = $2
    AND (SELECT count(*) FROM unnest(attempted_at) a WHERE a >= $4) < $5`;

/**
 * Counts a connection test among the app's token requests of ten minutes, because DingTalk counts both by AppKey.
 * @returns `null` if the test may run; otherwise the wait in milliseconds
 */
export function countConnectionTest(app: AppRef, nowMs: number = Date.now()): Promise<number | null> {
  return inOrganizationSql(app, async (client) => {
    const { test } = attemptLimits(await readTokenRow(client, app));
    const [at, since] = [new Date(nowMs), new Date(nowMs - ATTEMPTS_WINDOW_MS)];
    const { rowCount } = await client.query(COUNT, [app.organizationId, app.appId, at, since, test]);
    if (rowCount === 1) return null;
    const { attemptedAt } = await readTokenRow(client, app);
    return Math.max(1, nextAllowedMs(attemptedAt, nowMs, test) - nowMs);
  });
}
