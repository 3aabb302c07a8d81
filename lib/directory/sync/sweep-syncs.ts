import "server-only";
import { inOrganization, type Tx } from "@/lib/db/unit-of-work";
import { log } from "@/lib/log";
import type { RunMode } from "@/prisma/generated/enums";
import type { AppRef } from "../refs";
import { dueAt, isScheduled } from "../schedule";
import { SETTINGS_DEFAULT } from "../settings/directory-settings";
import { clearLostWalks } from "./database-checkpoint";
import { expireHeldRuns } from "./decide-run";
import { putBackLostRun } from "./lost-run";
import { lockApp, startRun } from "./start-run";

/**
 * Starts an organization's syncs whose time has come, and puts back those whose job is lost: once for each
 * time, however often and by however many processes this is called. What goes wrong with one app is logged,
 * and the others have their turn.
 *
 * @returns how many syncs were started or put back
 */
export async function sweepSyncs(organizationId: string, now: Date = new Date()): Promise<number> {
  await expireHeldRuns(organizationId);
  await clearLostWalks(organizationId);
  const apps = await inOrganization({ organizationId }, (tx) =>
    tx.dingtalkApp.findMany({ where: { organizationId }, select: { id: true } }),
  );
  let done = 0;
  for (const { id: appId } of apps) {
    const ref = { organizationId, appId };
    try {
      const isPutBack = await inOrganization(ref, (tx) => putBackLostRun(tx, ref));
      const isStarted = await inOrganization(ref, (tx) => startIfDue(tx, ref, now));
      done += Number(isPutBack) + Number(isStarted);
    } catch (error) {
      log.error("an app's syncs were not looked at", { organizationId, appId, error });
    }
  }
  return done;
}

async function startIfDue(tx: Tx, ref: AppRef, now: Date): Promise<boolean> {
  const app = await lockApp(tx, ref);
  if (!isScheduled(app.state) || app.syncEveryHours <= 0 || app.activeRunId !== null) return false;
  // It is probed with one call, instead of failing with a whole run
  if (app.isRefused) return false;
  const due = dueAt(ref.appId, app.syncEveryHours, now);
  const since = await tx.syncRun.findFirst({
    where: { organizationId: ref.organizationId, appId: ref.appId, queuedAt: { gte: due } },
    select: { id: true },
  });
  if (since) return false;
  const mode = await scheduledMode(tx, ref, app.syncEveryHours, now);
  const { already } = await startRun(tx, { ...ref, ...app }, { trigger: "schedule", startedBy: null, mode });
  return !already;
}

const HOUR_MS = 3_600_000;

/**
 * Whether it is time to read everything again; in between it is only looked whether something differs. The next time
 * would be too late where it comes after the full walk is due.
 */
async function scheduledMode(
  tx: Tx,
  { organizationId, appId }: AppRef,
  everyHours: number,
  now: Date,
): Promise<RunMode> {
  const where = { organizationId_appId: { organizationId, appId } };
  const settings = await tx.directorySettings.findUnique({ where, select: { fullEveryHours: true } });
  const { fullEveryHours } = settings ?? SETTINGS_DEFAULT;
  const fullAt = (await tx.directory.findUnique({ where, select: { fullAt: true } }))?.fullAt;
  if (!fullAt || fullEveryHours <= 0) return "full";
  const nextLookMs = now.getTime() + everyHours * HOUR_MS;
  return fullAt.getTime() + fullEveryHours * HOUR_MS < nextLookMs ? "full" : "verify";
}
