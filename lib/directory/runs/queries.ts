import "server-only";
import { cache } from "react";
import type { Actor } from "@/lib/auth/actor";
import { columns } from "@/lib/db/columns";
import { inOrganization, readTogether, type Tx } from "@/lib/db/unit-of-work";
import { notFound } from "@/lib/errors";
import { isUuid } from "@/lib/public-id";
import type { AppState, RunMode } from "@/prisma/generated/enums";
import { RUN_COLUMNS, type Run, type RunRow, toRun } from "./run";
import type { CallsByApi } from "./run-states";
import { isScheduled, nextDueAt } from "./schedule";
import type { RunsQuery } from "./schema";

export type { Run } from "./run";

export type RunLink = { readonly id: string; readonly number: number };

export type RunDetail = Run & {
  readonly resumes: RunLink | null;
  readonly resumedBy: RunLink | null;
  readonly supersededBy: RunLink | null;
  /** Departments that the last complete run before this one read; `null` when there is none. */
  readonly departmentsExpected: number | null;
  /** Calls of the last complete run of the same kind; `null` when there is none, and for a run that resumes another. */
  readonly callsExpected: CallsByApi | null;
};

export type RunPage = {
  readonly runs: readonly Run[];
  /** The next page's `before`; `null` on the last page. */
  readonly older: number | null;
  /** The previous page's `after`; `null` on the first page. */
  readonly newer: number | null;
};

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

const PAGE_SIZE = 50;

/** Returns a page of an app's runs that match the query, newest first, 50 a page. */
export async function listRuns(
  actor: Actor<"directory.read">,
  appId: string,
  { state, trigger, mode, before, after }: RunsQuery = {},
): Promise<RunPage> {
  const { organizationId } = actor;
  const isBack = after !== undefined;
  const number = isBack ? { gt: after } : before !== undefined ? { lt: before } : null;
  const rows = await inOrganization(actor, async (tx) => {
    await requireApp(tx, organizationId, appId);
    return tx.syncRun.findMany({
      where: {
        organizationId,
        appId,
        ...(number && { number }),
        ...(state && { state }),
        ...(trigger && { trigger }),
        ...(mode && { mode }),
      },
      orderBy: { number: isBack ? "asc" : "desc" },
      take: PAGE_SIZE + 1,
      select: RUN_COLUMNS,
    });
  });
  const found = rows.slice(0, PAGE_SIZE).map(toRun);
  const runs = isBack ? found.reverse() : found;
  const hasMore = rows.length > PAGE_SIZE;
  const [first, last] = [runs.at(0)?.number ?? null, runs.at(-1)?.number ?? null];
  return {
    runs,
    older: isBack || hasMore ? last : null,
    newer: (isBack ? hasMore : before !== undefined) ? first : null,
  };
}

export async function getRun(actor: Actor<"directory.read">, runId: string): Promise<RunDetail> {
  if (!isUuid(runId)) throw notFound("run");
  const { organizationId } = actor;
  return inOrganization(actor, async (tx) => {
    const row = await tx.syncRun.findUnique({
      where: { organizationId_id: { organizationId, id: runId } },
      select: RUN_COLUMNS,
    });
    if (!row) throw notFound("run");
    const { appId, number, resumesRunId, supersededById, mode } = row;
    const link = { id: true, number: true } as const;
    const named = (id: string | null) =>
      id === null ? null : tx.syncRun.findFirst({ where: { organizationId, id }, select: link });
    const resumes = await named(resumesRunId);
    const supersededBy = await named(supersededById);
    const resumedBy = await tx.syncRun.findFirst({
      where: { organizationId, appId, resumesRunId: runId },
      select: link,
    });
    const kind: RunMode[] = mode === "verify" ? ["verify"] : ["full", "preview"];
    const before = await tx.syncRun.findFirst({
      where: { organizationId, appId, number: { lt: number }, isComplete: true, mode: { in: kind } },
      orderBy: { number: "desc" },
      select: { departmentsSeen: true, callsByApi: true },
    });
    // A resumed run makes fewer calls than a complete one
    const callsExpected = resumes ? null : ((before?.callsByApi as CallsByApi | undefined) ?? null);
    const departmentsExpected = before?.departmentsSeen ?? null;
    return { ...toRun(row), resumes, resumedBy, supersededBy, departmentsExpected, callsExpected };
  });
}

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

async function requireApp(tx: Tx, organizationId: string, appId: string): Promise<void> {
  if (!isUuid(appId)) throw notFound("app");
  const app = await tx.dingtalkApp.findUnique({
    where: { organizationId_id: { organizationId, id: appId } },
    select: { id: true },
  });
  if (!app) throw notFound("app");
}
