import "server-only";
import { cache } from "react";
import type { Actor } from "@/lib/auth/actor";
import { columns } from "@/lib/db/columns";
import { inOrganization, readTogether, type Tx } from "@/lib/db/unit-of-work";
import { notFound } from "@/lib/errors";
import { isUuid } from "@/lib/public-id";
import type { AppState, RunMode } from "@/prisma/generated/enums";
import { type Run, type RunRow, SHOWN, toRun } from "./run";
import type { CallsByApi } from "./run-states";
import { isScheduled, nextDueAt } from "./schedule";
import type { RunsQuery } from "./schema";

export type { Run } from "./run";

/** Names another run beside one. */
export type RunLink = { readonly id: string; readonly number: number };

export type RunDetail = Run & {
  /** The interrupted run that this one takes the place of. */
  readonly resumes: RunLink | null;
  /** The run that took its place. */
  readonly resumedBy: RunLink | null;
  /** The run whose plan replaced this one's. */
  readonly supersededBy: RunLink | null;
  /** How many departments the last complete run before it saw; `null` for the first. */
  readonly departmentsExpected: number | null;
  /** How many calls the last complete run of its kind made; `null` for the first, and for one that goes on from another. */
  readonly callsExpected: CallsByApi | null;
};

export type RunPage = {
  readonly runs: readonly Run[];
  /** Give it back as `before` for the next page; `null` on the last one. */
  readonly older: number | null;
  /** Give it back as `after` for the page before; `null` on the first one. */
  readonly newer: number | null;
};

/** A plan that waits for a person, and what it would remove. */
export type HeldRun = RunLink & Pick<Run, "removed" | "membersRemoved">;

export type DirectorySummary = {
  readonly departments: number;
  /** Departments that are gone and kept, marked removed. */
  readonly removed: number;
  /** When the last complete run ended. */
  readonly lastSeenAt: Date | null;
  readonly activeRunId: string | null;
  readonly lastRun: Run | null;
  /** There is one at most: a later one replaces it. */
  readonly heldRun: HeldRun | null;
  /** When the schedule starts the next one; `null` if it never does. */
  readonly nextSyncAt: Date | null;
};

const PAGE_SIZE = 50;

/**
 * An app's runs, the newest first, 50 a page; only those that the query names.
 *
 * @throws {AppError} `not_found`
 */
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
      select: SHOWN,
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

/** @throws {AppError} `not_found` */
export async function getRun(actor: Actor<"directory.read">, runId: string): Promise<RunDetail> {
  if (!isUuid(runId)) throw notFound("run");
  const { organizationId } = actor;
  return inOrganization(actor, async (tx) => {
    const row = await tx.syncRun.findUnique({
      where: { organizationId_id: { organizationId, id: runId } },
      select: SHOWN,
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
    // One that goes on from where another was makes fewer than a whole one
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

/** `runs_made` is the number of an app's newest run. */
const NEWEST = `
  SELECT ${columns(SHOWN, "r")} FROM dingtalk_app a
  JOIN sync_run r ON r.organization_id = a.organization_id AND r.app_id = a.id AND r.number = a.runs_made
  WHERE a.organization_id = $1`;

/** How an app's directory stands. @throws {AppError} `not_found` */
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

/** How each of an organization's directories stands, by the app's id: what a list of apps shows. */
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

/** When a run begins by itself: the retry of the last one that failed, or the next of the schedule. */
function nextSyncAt({ id, syncEveryHours, state }: AppRow, lastRun: Run | null, now: Date): Date | null {
  if (!isScheduled(state)) return null;
  const scheduled = nextDueAt(id, syncEveryHours, now);
  const retry = lastRun?.retryAt ?? null;
  if (retry === null || retry < now) return scheduled;
  return scheduled === null || retry < scheduled ? retry : scheduled;
}

/** The runs of an organization that wait for a decision, by the app's id. */
export const listHeldRuns = ({
  organizationId,
}: Actor<"directory.read">): Promise<ReadonlyMap<string, HeldRun>> => readHeld(organizationId);

const HELD = `
  SELECT app_id AS "appId", id, number, removed, members_removed AS "membersRemoved" FROM sync_run
  WHERE organization_id = $1 AND state = 'held' ORDER BY number`;

/** Read once a page: the frame and the page both show them. */
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
