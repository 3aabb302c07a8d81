import "server-only";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { sendJob } from "@/lib/jobs/send-job";
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
    for (const { id: appId } of rows)
      await sendJob(
        "search.index",
        { organizationId, appId },
        { tx: client, singletonKey: `${organizationId}/${appId}` },
      );
    return rows.length;
  });
}
