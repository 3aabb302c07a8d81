import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { inOrganization } from "@/lib/db/unit-of-work";

export type Contents = {
  readonly apps: number;
  /** Departments without removed ones. */
  readonly departments: number;
  readonly runs: number;
  readonly isSyncing: boolean;
};

/** Counts what would be deleted; zeros for an unknown ID. @param appId missing for all apps */
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
