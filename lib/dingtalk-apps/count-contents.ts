import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { inOrganization } from "@/lib/db/unit-of-work";

/** Data that is deleted with an app, or with all apps of an organization. */
export type Contents = {
  readonly apps: number;
  /** Departments without removed ones. */
  readonly departments: number;
  readonly runs: number;
  /** A sync is queued or running. */
  readonly isSyncing: boolean;
};

/**
 * Counts what would be deleted. An unknown ID, or another organization's, gives zeros.
 *
 * @param appId missing for all apps
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
