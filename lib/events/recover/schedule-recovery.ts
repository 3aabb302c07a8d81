import "server-only";
import { type AppRef, keyOf } from "@/lib/app-ref";
import type { Work } from "@/lib/db/run-sql";
import { readTogether } from "@/lib/db/unit-of-work";
import { keysWithJob } from "@/lib/jobs/keys-with-job";
import { scheduleAppJob } from "@/lib/jobs/send-job";

/** Interval of the reads. DingTalk lists a callback 3 to 5 minutes after its last attempt. */
export const RECOVER_MS = 5 * 60_000;

export const scheduleRecovery = (app: AppRef, at: Date, work?: Work): Promise<void> =>
  scheduleAppJob("event.recover", app, at, work);

const VERIFIED = `
  SELECT s.app_id AS "appId" FROM event_subscription s
  JOIN dingtalk_app a ON a.organization_id = $1 AND a.id = s.app_id AND a.state <> 'disabled'
  WHERE s.organization_id = $1 AND s.way = 'http' AND s.verified_at IS NOT NULL`;

/** Schedules lost reads of failed callbacks again. @returns their number */
export async function sweepRecovery(organizationId: string): Promise<number> {
  const rows = await readTogether<{ appId: string }>({ organizationId }, VERIFIED, [organizationId]);
  const apps = rows.map(({ appId }) => ({ organizationId, appId }));
  const waiting = await keysWithJob(organizationId, "event.recover", apps.map(keyOf));
  const lost = apps.filter((app) => !waiting.has(keyOf(app)));
  for (const app of lost) await scheduleRecovery(app, new Date());
  return lost.length;
}
