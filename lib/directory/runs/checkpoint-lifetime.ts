import "server-only";
import type { AppRef } from "@/lib/app-ref";
import { LIMITS } from "@/lib/db/time-limits";
import { inOrganizationSql, readTogether } from "@/lib/db/unit-of-work";

/** A walk through an app's directory, under whose id its answers are stored as a checkpoint. */
export type WalkRef = AppRef & { readonly walkId: string };

export const WALK_TABLES = ["walk_list", "walk_detail", "walk_pages", "walk_member"] as const;

/** A checkpoint older than this is not resumed: its first answers are as old as its beginning. */
export const CHECKPOINT_HOURS = 2;

/** How late a retry may begin on a busy worker. A retry that is later has lost its job. */
const RETRY_LATE = "15 minutes";

const ANY_WALK = `
  SELECT ${WALK_TABLES.map((table) => `EXISTS (SELECT FROM ${table} WHERE organization_id = $1)`).join(" OR ")} AS "isAny"`;

/** Deletes an organization's checkpoints that no run will resume, because the worker was lost or the retry is too late. */
export async function deleteAbandonedWalks(organizationId: string): Promise<void> {
  const [answer] = await readTogether<{ isAny: boolean }>({ organizationId }, ANY_WALK, [organizationId]);
  if (!answer?.isAny) return;
  await inOrganizationSql(
    { organizationId },
    async (client) => {
      for (const table of WALK_TABLES) {
        await client.query(
          `DELETE FROM ${table} w WHERE w.organization_id = $1 AND NOT EXISTS (
             SELECT FROM sync_run r WHERE r.organization_id = $1 AND r.walk_id = w.walk_id
               AND (r.state IN ('queued', 'running') OR r.retry_at > now() - interval '${RETRY_LATE}'))`,
          [organizationId],
        );
      }
    },
    LIMITS.bulk,
  );
}
