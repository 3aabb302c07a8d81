import "server-only";
import { cache } from "react";
import type { Actor } from "@/lib/auth/actor";
import { columns } from "@/lib/db/columns";
import { readTogether } from "@/lib/db/unit-of-work";
import { notFound } from "@/lib/errors";
import { isUuid } from "@/lib/public-id";
import type { AppState } from "@/prisma/generated/enums";
import type { RunLink } from "./get-run";
import { RUN_COLUMNS, type Run, type RunRow, toRun } from "./run";
import { isScheduled, nextDueAt } from "./schedule";

export type HeldRun = RunLink & Pick<Run, "removed" | "membersRemoved">;

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
    readHeld(organizationId),
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
    readHeld(organizationId),
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

function nextSyncAt({ id, syncEveryHours, state }: AppRow, lastRun: Run | null, now: Date): Date | null {
  if (!isScheduled(state)) return null;
  const scheduled = nextDueAt(id, syncEveryHours, now);
  const retry = lastRun?.retryAt ?? null;
  if (retry === null || retry < now) return scheduled;
  return scheduled === null || retry < scheduled ? retry : scheduled;
}

export const listHeldRuns = ({
  organizationId,
}: Actor<"directory.read">): Promise<ReadonlyMap<string, HeldRun>> => readHeld(organizationId);

const HELD = `
  SELECT app_id AS "appId", id, number, removed, members_removed AS "membersRemoved" FROM sync_run
  WHERE organization_id = $1 AND state = 'held' ORDER BY number`;

/** Cached per request, because the console's frame and the page both show held runs. */
const readHeld = cache(async (organizationId: string): Promise<ReadonlyMap<string, HeldRun>> => {
  type Row = HeldRun & { readonly appId: string };
  const held = await readTogether<Row>({ organizationId }, HELD, [organizationId]);
  return new Map(held.map(({ appId, ...run }) => [appId, run]));
});
