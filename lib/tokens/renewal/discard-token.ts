import "server-only";
import { recordSuccess } from "@/lib/app-health/app-state";
import { keyOf } from "@/lib/app-ref";
import { runSql, type Work } from "@/lib/db/run-sql";
import { removeWaitingJobs, scheduleAppJob } from "@/lib/jobs/send-job";
import { announceChange, TOKEN_TABLE } from "../store/stored-token";

const CLEAR = `
  UPDATE app_token SET
    version = version + 1, string_version = NULL, sealed_token = NULL, changed_at = NULL, obtained_at = NULL,
    expires_at = NULL, renew_at = $3::timestamptz, not_extended_until = NULL, force_after = NULL, last_error = NULL, last_error_at = NULL,
    failures = 0, renewing_by = NULL, renewing_until = NULL
  WHERE organization_id = $1::uuid AND app_id = $2::uuid`;

/** Clears an app's token and renews it at once, after its secret changed. A running renewal stores nothing. */
export async function discardToken(work: Work, organizationId: string, appId: string): Promise<void> {
  const app = { organizationId, appId };
  const now = new Date();
  await runSql(work, CLEAR, [organizationId, appId, now]);
  await recordSuccess(work, app, "retried", now);
  await scheduleAppJob("token.renew", app, now, work);
  await announceChange(TOKEN_TABLE, work, app);
}

/**
 * Clears the token of a deleted or disabled app, with its job and copies in memory. A running renewal stores nothing.
 */
export async function clearToken(work: Work, organizationId: string, appId: string): Promise<void> {
  const app = { organizationId, appId };
  await runSql(work, CLEAR, [organizationId, appId, null]);
  await removeWaitingJobs(work, "token.renew", keyOf(app));
  await announceChange(TOKEN_TABLE, work, app);
}

export async function clearTokens(work: Work, organizationId: string): Promise<void> {
  const apps = await runSql<{ id: string }>(
    work,
    "SELECT id::text AS id FROM dingtalk_app WHERE organization_id = $1::uuid ORDER BY id",
    [organizationId],
  );
  for (const { id } of apps) await clearToken(work, organizationId, id);
}
