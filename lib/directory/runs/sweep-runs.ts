import "server-only";
import { keyOf } from "@/lib/app-ref";
import { inOrganization, readTogether } from "@/lib/db/unit-of-work";
import { keysWithJob } from "@/lib/jobs/send-job";
import { log } from "@/lib/log";
import type { AppState } from "@/prisma/generated/enums";
import { clearLostWalks } from "../sync/read/database-checkpoint";
import { expireHeldRuns } from "./decide-run";
import { putBackLostRun } from "./lost-runs";
import { dueAt, isScheduled } from "./schedule";
import { scheduleSync } from "./schedule-sync";
import { lockApp } from "./start-run";
import { startIfDue } from "./start-scheduled";

/** What an app's syncs look like from outside, without a lock. */
type SeenApp = {
  readonly id: string;
  readonly state: AppState;
  readonly everyHours: number;
  readonly isRunning: boolean;
  readonly lastQueuedAt: Date | null;
};

const SEEN = `
  SELECT a.id, a.state::text, a.sync_every_hours AS "everyHours", a.active_run_id IS NOT NULL AS "isRunning",
    (SELECT r.queued_at FROM sync_run r WHERE r.organization_id = a.organization_id AND r.app_id = a.id
     ORDER BY r.number DESC LIMIT 1) AS "lastQueuedAt"
  FROM dingtalk_app a WHERE a.organization_id = $1`;

/**
 * Mends the syncs of an organization whose jobs are lost: starts those whose time has come, gives runs their job back,
 * ends held runs that are overdue, and puts missing jobs of the schedule back. Each is done once, however often and by
 * however many processes this is called. The failure of one app is logged and does not keep the others from their turn.
 *
 * @returns how many syncs were started or put back
 */
export async function sweepSyncs(organizationId: string, now: Date = new Date()): Promise<number> {
  const [apps] = await Promise.all([
    readTogether<SeenApp>({ organizationId }, SEEN, [organizationId]),
    expireHeldRuns(organizationId),
    clearLostWalks(organizationId),
  ]);
  const keys = apps.map(({ id: appId }) => keyOf({ organizationId, appId }));
  const waiting = await keysWithJob(organizationId, "sync.due", keys);
  let done = 0;
  for (const app of apps) {
    const ref = { organizationId, appId: app.id };
    try {
      if (app.isRunning) done += Number(await inOrganization(ref, (tx) => putBackLostRun(tx, ref)));
      if (isOverdue(app, now)) done += Number(await inOrganization(ref, (tx) => startIfDue(tx, ref, now)));
      if (app.state === "disabled" || app.everyHours <= 0 || waiting.has(keyOf(ref))) continue;
      await inOrganization(ref, async (tx) =>
        scheduleSync(tx, ref, { everyHours: (await lockApp(tx, ref)).syncEveryHours, now }),
      );
    } catch (error) {
      log.error("the syncs of an app were not mended", { organizationId, appId: app.id, error });
    }
  }
  return done;
}

const isOverdue = ({ id, state, everyHours, lastQueuedAt }: SeenApp, now: Date): boolean =>
  isScheduled(state) &&
  everyHours > 0 &&
  (lastQueuedAt === null || lastQueuedAt < dueAt(id, everyHours, now));
