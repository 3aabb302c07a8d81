import "server-only";
import { noteSuccess } from "@/lib/app-health/record-outcome";
import { keyOf } from "@/lib/app-ref";
import { runSql, type Work } from "@/lib/db/run-sql";
import { removeWaitingJobs } from "@/lib/jobs/send-job";
import { announceToken, scheduleRenewal } from "./schedule-renewal";

const WIPE = `
  UPDATE app_token SET
    version = version + 1, string_version = NULL, sealed_token = NULL, changed_at = NULL, obtained_at = NULL,
    expires_at = NULL, renew_at = $3::timestamptz, not_extended_until = NULL, force_after = NULL, last_error = NULL, last_error_at = NULL,
    failures = 0, renewing_by = NULL, renewing_until = NULL
  WHERE organization_id = $1::uuid AND app_id = $2::uuid`;

/**
 * Throws an app's token away, as after a change of its secret: the next call, or the job that this sends, gets
 * a new one with the pair as it is then. A renewal that is under way with the old pair stores nothing, and a
 * broken app is tried again.
 */
export async function dropToken(work: Work, organizationId: string, appId: string): Promise<void> {
  const app = { organizationId, appId };
  const now = new Date();
  await runSql(work, WIPE, [organizationId, appId, now]);
  await noteSuccess(work, app, "retried", now);
  await scheduleRenewal(app, now, work);
  await announceToken(work, app);
}

/**
 * What belongs to deleting an app, or disabling it, beside its row: the token is gone at once, no renewal waits
 * any more, one that is under way stores nothing, and no process goes on with the token that it remembers.
 */
export async function forgetToken(work: Work, organizationId: string, appId: string): Promise<void> {
  const app = { organizationId, appId };
  await runSql(work, WIPE, [organizationId, appId, null]);
  await removeWaitingJobs(work, "token.renew", keyOf(app));
  await announceToken(work, app);
}

/** `forgetToken` for all of an organization's apps, before they are deleted. */
export async function forgetTokens(work: Work, organizationId: string): Promise<void> {
  const apps = await runSql<{ id: string }>(
    work,
    "SELECT id::text AS id FROM dingtalk_app WHERE organization_id = $1::uuid ORDER BY id",
    [organizationId],
  );
  for (const { id } of apps) await forgetToken(work, organizationId, id);
}
