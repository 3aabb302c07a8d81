import "server-only";
import { keyOf } from "@/lib/app-ref";
import { lockApp } from "@/lib/db/lock-app";
import { inOrganization, readTogether } from "@/lib/db/unit-of-work";
import { keysWithJob } from "@/lib/jobs/keys-with-job";
import { log } from "@/lib/log";
import type { AppState } from "@/prisma/generated/enums";
import { deleteAbandonedWalks } from "./checkpoint-lifetime";
import { expireHeldRuns } from "./held-runs";
import { recoverLostRun } from "./lost-runs";
import { dueAt, isScheduled, scheduleSync, startIfDue } from "./schedule";

/** An app's state as read without a lock. */
type AppSnapshot = {
  readonly id: string;
  readonly state: AppState;
  readonly everyHours: number;
  readonly isRunning: boolean;
  readonly lastQueuedAt: Date | null;
};

const SNAPSHOTS = `
  SELECT a.id, a.state::text, a.sync_every_hours AS "everyHours", a.active_run_id IS NOT NULL AS "isRunning",
    (SELECT r.queued_at FROM sync_run r WHERE r.organization_id = a.organization_id AND r.app_id = a.id
     ORDER BY r.number DESC LIMIT 1) AS "lastQueuedAt"
  FROM dingtalk_app a WHERE a.organization_id = $1`;

/**
 * Repairs an organization's syncs after jobs were lost. Idempotent, also when several processes call it at once.
 * @returns the number of syncs started or recovered
 */
export async function sweepSyncs(organizationId: string, now: Date = new Date()): Promise<number> {
  const [apps] = await Promise.all([
    readTogether<AppSnapshot>({ organizationId }, SNAPSHOTS, [organizationId]),
    expireHeldRuns(organizationId),
    deleteAbandonedWalks(organizationId),
  ]);
  const keys = apps.map(({ id: appId }) => keyOf({ organizationId, appId }));
  const waiting = await keysWithJob(organizationId, "sync.due", keys);
  let done = 0;
  for (const app of apps) {
    const ref = { organizationId, appId: app.id };
    try {
      if (app.isRunning) done += Number(await inOrganization(ref, (tx) => recoverLostRun(tx, ref)));
      if (isOverdue(app, now)) done += Number(await inOrganization(ref, (tx) => startIfDue(tx, ref, now)));
      if (app.state === "disabled" || app.everyHours <= 0 || waiting.has(keyOf(ref))) continue;
      await inOrganization(ref, async (tx) =>
        scheduleSync(tx, ref, { everyHours: (await lockApp(tx, ref)).syncEveryHours, now }),
      );
    } catch (error) {
      log.error("sync sweep of an app failed", { organizationId, appId: app.id, error });
    }
  }
  return done;
}

const isOverdue = ({ id, state, everyHours, lastQueuedAt }: AppSnapshot, now: Date): boolean =>
  isScheduled(state) &&
  everyHours > 0 &&
  (lastQueuedAt === null || lastQueuedAt < dueAt(id, everyHours, now));
