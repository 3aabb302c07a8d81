import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { columns } from "@/lib/db/columns";
import { readTogether } from "@/lib/db/unit-of-work";
import { notFound } from "@/lib/errors";
import { isUuid } from "@/lib/public-id";
import type { AppState } from "@/prisma/generated/enums";
import { type HeldRun, readHeldRuns } from "./held-runs";
import { RUN_COLUMNS, type Run, type RunRow, toRun } from "./run";
import { nextSyncAt } from "./schedule";

export type DirectorySummary = {
  readonly departments: number;
  readonly removed: number;
  readonly lastSeenAt: Date | null;
  readonly activeRunId: string | null;
  readonly lastRun: Run | null;
  /** At most one: a later complete run supersedes an older held one. */
  readonly heldRun: HeldRun | null;
  /** `null` for an app without a schedule. */
  readonly nextSyncAt: Date | null;
};

type AppRow = {
  readonly id: string;
  readonly lastSeenAt: Date | null;
  readonly activeRunId: string | null;
  readonly syncEveryHours: number;
  readonly state: AppState;
};

const APP = `a.id, a.last_seen_at AS "lastSeenAt", a.active_run_id AS "activeRunId",
  a.sync_every_hours AS "syncEveryHours", a.state FROM dingtalk_app a WHERE a.organization_id = $1`;

const COUNT = `
  SELECT count(*) FILTER (WHERE removed_at IS NULL)::int AS departments,
    count(*) FILTER (WHERE removed_at IS NOT NULL)::int AS removed
  FROM department WHERE organization_id = $1 AND app_id = $2`;

/** Joins by `runs_made`, which is the number of an app's newest run. */
const NEWEST = `
  SELECT ${columns(RUN_COLUMNS, "r")} FROM dingtalk_app a
  JOIN sync_run r ON r.organization_id = a.organization_id AND r.app_id = a.id AND r.number = a.runs_made
  WHERE a.organization_id = $1`;

export async function getDirectorySummary(
  { organizationId }: Actor<"directory.read">,
  appId: string,
  now: Date = new Date(),
): Promise<DirectorySummary> {
  if (!isUuid(appId)) throw notFound("app");
  const scope = { organizationId };
  const values = [organizationId, appId];
  const [[app], [counts], [newest], heldOf] = await Promise.all([
    readTogether<AppRow>(scope, `SELECT ${APP} AND a.id = $2`, values),
    readTogether<{ departments: number; removed: number }>(scope, COUNT, values),
    readTogether<RunRow>(scope, `${NEWEST} AND a.id = $2`, values),
    readHeldRuns(organizationId),
  ]);
  if (!app) throw notFound("app");
  const { lastSeenAt, activeRunId } = app;
  const lastRun = newest ? toRun(newest) : null;
  return {
    departments: counts?.departments ?? 0,
    removed: counts?.removed ?? 0,
    lastSeenAt,
    activeRunId,
    lastRun,
    heldRun: heldOf.get(appId) ?? null,
    nextSyncAt: nextSyncAt(app, lastRun, now),
  };
}

const COUNT_EACH = `
  SELECT app_id AS "appId", count(*)::int AS departments FROM department
  WHERE organization_id = $1 AND removed_at IS NULL GROUP BY app_id`;

export async function listDirectorySummaries(
  { organizationId }: Actor<"directory.read">,
  now: Date = new Date(),
): Promise<ReadonlyMap<string, Omit<DirectorySummary, "removed">>> {
  const scope = { organizationId };
  const values = [organizationId];
  const [apps, counts, runs, heldOf] = await Promise.all([
    readTogether<AppRow>(scope, `SELECT ${APP}`, values),
    readTogether<{ appId: string; departments: number }>(scope, COUNT_EACH, values),
    readTogether<RunRow>(scope, NEWEST, values),
    readHeldRuns(organizationId),
  ]);
  const countOf = new Map(counts.map(({ appId, departments }) => [appId, departments]));
  const runOf = new Map(runs.map((row) => [row.appId, toRun(row)]));
  return new Map(
    apps.map((app) => {
      const lastRun = runOf.get(app.id) ?? null;
      const { id, lastSeenAt, activeRunId } = app;
      return [
        id,
        {
          departments: countOf.get(id) ?? 0,
          lastSeenAt,
          activeRunId,
          lastRun,
          heldRun: heldOf.get(id) ?? null,
          nextSyncAt: nextSyncAt(app, lastRun, now),
        },
      ];
    }),
  );
}
