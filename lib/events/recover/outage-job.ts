import "server-only";
import { readTogether } from "@/lib/db/unit-of-work";
import type { JobHandler } from "@/lib/jobs/queues";
import { scheduleAppJob } from "@/lib/jobs/send-job";
import { walkOrganizations } from "@/lib/jobs/walk-organizations";

const SUITE_APPS = `
  SELECT a.id AS "appId" FROM event_subscription s
  JOIN dingtalk_app a ON a.organization_id = $1 AND a.kind = 'isv' AND a.app_key = s.suite_key AND a.state <> 'disabled'
  WHERE s.organization_id = $1 AND s.verified_at IS NOT NULL`;

/** Requests a sync of the apps whose lost events DingTalk does not list: those that get SyncHTTP. */
export async function reconcileSuites(organizationId: string): Promise<void> {
  const apps = await readTogether<{ appId: string }>({ organizationId }, SUITE_APPS, [organizationId]);
  for (const { appId } of apps)
    await scheduleAppJob("event.reconcile", { organizationId, appId }, new Date());
}

/** Visits every organization after an outage. */
export const outageJob: JobHandler<"event.outage"> = (_data, { signal }) =>
  walkOrganizations(reconcileSuites, signal);
