import "server-only";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { sendJob } from "@/lib/jobs/send-job";
import { FORM } from "./terms";

/** Apps to index, and those that have terms and are gone: the next app in the order of the key, one after another. */
const BEHIND = `
  WITH RECURSIVE indexed AS (
    (SELECT app_id FROM search_term WHERE organization_id = $1 ORDER BY app_id LIMIT 1)
    UNION ALL
    SELECT next.app_id FROM indexed CROSS JOIN LATERAL (
      SELECT app_id FROM search_term WHERE organization_id = $1 AND app_id > indexed.app_id ORDER BY app_id LIMIT 1) next
  )
  SELECT id FROM dingtalk_app WHERE organization_id = $1 AND search_form < $2
  UNION ALL
  SELECT app_id FROM indexed WHERE NOT EXISTS (
    SELECT FROM dingtalk_app a WHERE a.organization_id = $1 AND a.id = indexed.app_id)`;

/**
 * Has the directories of an organization indexed that were synced before there was an index, or in an older form of it,
 * and has taken away what is left of apps that are gone.
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
