import "server-only";
import { keyOf } from "@/lib/app-ref";
import { readTogether } from "@/lib/db/unit-of-work";
import { keysWithJob } from "@/lib/jobs/queries";
import { sendJob } from "@/lib/jobs/send-job";
import { FORM } from "./terms";

const BEHIND = "SELECT id FROM dingtalk_app WHERE organization_id = $1 AND search_form < $2";

/**
 * Has the directories of an organization indexed that were synced before there was an index, or in an older form of it.
 *
 * @returns how many there were
 */
export async function sweepSearch(organizationId: string): Promise<number> {
  const rows = await readTogether<{ id: string }>({ organizationId }, BEHIND, [organizationId, FORM]);
  const apps = rows.map(({ id: appId }) => ({ organizationId, appId }));
  const waiting = await keysWithJob(organizationId, "search.index", apps.map(keyOf));
  for (const app of apps)
    if (!waiting.has(keyOf(app))) await sendJob("search.index", app, { singletonKey: keyOf(app) });
  return rows.length;
}
