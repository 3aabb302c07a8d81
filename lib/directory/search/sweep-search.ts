import "server-only";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { keysWithJob, sendJob } from "@/lib/jobs/send-job";
import { keyOf } from "@/lib/tokens/app-ref";
import { FORM } from "./terms";

const BEHIND = "SELECT id FROM dingtalk_app WHERE organization_id = $1 AND search_form < $2";

/**
 * Has the directories of an organization indexed that were synced before there was an index, or in an older form of it.
 *
 * @returns how many there were
 */
export function sweepSearch(organizationId: string): Promise<number> {
  return inOrganizationSql({ organizationId }, async (client) => {
    const { rows } = await client.query<{ id: string }>(BEHIND, [organizationId, FORM]);
    const keys = rows.map(({ id: appId }) => keyOf({ organizationId, appId }));
    const waiting = await keysWithJob(client, "search.index", keys);
    for (const { id: appId } of rows) {
      const app = { organizationId, appId };
      if (!waiting.has(keyOf(app)))
        await sendJob("search.index", app, { tx: client, singletonKey: keyOf(app) });
    }
    return rows.length;
  });
}
