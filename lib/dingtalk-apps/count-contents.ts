import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { inOrganization } from "@/lib/db/unit-of-work";

/** What goes with an app, or with all apps of an organization. */
export type Contents = {
  readonly apps: number;
  /** Departments that DingTalk still has, as the pages count them. */
  readonly departments: number;
  readonly runs: number;
  /** Whether a sync is queued or at work. */
  readonly isSyncing: boolean;
};

/**
 * Counts what would be deleted. An id that isn't there, or is another organization's, counts nothing.
 *
 * @param appId none for all apps
 */
export function countContents({ organizationId }: Actor<"app.read">, appId?: string): Promise<Contents> {
  const one = appId === undefined ? {} : { appId };
  const app = appId === undefined ? { organizationId } : { organizationId, id: appId };
  return inOrganization({ organizationId }, async (tx) => ({
    apps: await tx.dingtalkApp.count({ where: app }),
    departments: await tx.department.count({ where: { organizationId, ...one, removedAt: null } }),
    runs: await tx.syncRun.count({ where: { organizationId, ...one } }),
    isSyncing: (await tx.dingtalkApp.count({ where: { ...app, activeRunId: { not: null } } })) > 0,
  }));
}
