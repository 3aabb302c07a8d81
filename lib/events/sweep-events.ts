import "server-only";
import { keyOf } from "@/lib/app-ref";
import { inOrganizationSql, readTogether } from "@/lib/db/unit-of-work";
import { keysWithJob } from "@/lib/jobs/keys-with-job";
import { queueProcessing } from "./receive/store-events";

const PENDING = `
  SELECT a.id AS "appId" FROM dingtalk_app a
  WHERE a.organization_id = $1 AND a.state IN ('verified', 'degraded', 'broken') AND EXISTS (
    SELECT FROM dingtalk_event e WHERE e.organization_id = $1 AND e.app_id = a.id AND e.state = 'pending')`;

/** Queues the processing of pending events whose job was lost. @returns the number of apps */
export async function sweepEvents(organizationId: string): Promise<number> {
  const rows = await readTogether<{ appId: string }>({ organizationId }, PENDING, [organizationId]);
  const apps = rows.map(({ appId }) => ({ organizationId, appId }));
  const waiting = await keysWithJob(organizationId, "event.process", apps.map(keyOf));
  const lost = apps.filter((app) => !waiting.has(keyOf(app)));
  if (lost.length === 0) return 0;
  await inOrganizationSql({ organizationId }, async (client) => {
    for (const app of lost) await queueProcessing(client, app);
  });
  return lost.length;
}
