import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { inOrganization, type Tx } from "@/lib/db/unit-of-work";
import { notFound } from "@/lib/errors";
import { isUuid } from "@/lib/public-id";
import type { SyncRunModel } from "@/prisma/generated/models";
import { isScheduled, nextDueAt } from "./schedule";
import type { RunError, RunStage } from "./sync/sync-reasons";

/** A sync as pages show it. */
export type Run = Omit<SyncRunModel, "organizationId" | "stage" | "error"> & {
  /** What it is doing while it runs. */
  readonly stage: RunStage | null;
  /** Why it failed or, with `isComplete` false in one that succeeded, why it removed nothing. */
  readonly error: RunError | null;
};

/** Names another run beside one. */
export type RunLink = { readonly id: string; readonly number: number };

export type RunDetail = Run & {
  /** The interrupted run that this one takes the place of. */
  readonly resumes: RunLink | null;
  /** The run that took its place. */
  readonly resumedBy: RunLink | null;
  /** How many departments the last complete run before it saw; `null` for the first. */
  readonly departmentsExpected: number | null;
};

export type RunPage = {
  readonly runs: readonly Run[];
  /** Give it back for the next page; `null` on the last one. */
  readonly cursor: string | null;
};

export type DirectorySummary = {
  readonly departments: number;
  /** Departments that are gone and kept, marked removed. */
  readonly removed: number;
  /** When the last complete run ended. */
  readonly lastSeenAt: Date | null;
  readonly activeRunId: string | null;
  readonly lastRun: Run | null;
  /** When the schedule starts the next one; `null` if it never does. */
  readonly nextSyncAt: Date | null;
};

const PAGE_SIZE = 50;

const SHOWN = {
  id: true,
  appId: true,
  number: true,
  state: true,
  trigger: true,
  startedBy: true,
  resumesRunId: true,
  queuedAt: true,
  startedAt: true,
  finishedAt: true,
  stage: true,
  departmentsSeen: true,
  calls: true,
  throttles: true,
  added: true,
  changed: true,
  moved: true,
  removed: true,
  unchanged: true,
  isComplete: true,
  error: true,
} as const;

type Row = Omit<SyncRunModel, "organizationId">;

const toRun = (row: Row): Run => ({
  ...row,
  // Both are written by this module's neighbours only, each in one place.
  stage: row.stage as RunStage | null,
  error: row.error as RunError | null,
});

/**
 * An app's runs, the newest first, 50 a page.
 *
 * @param cursor as the page before gave it; anything else begins at the newest
 * @throws {AppError} `not_found`
 */
export async function listRuns(
  actor: Actor<"directory.read">,
  appId: string,
  { cursor = null }: { readonly cursor?: string | null } = {},
): Promise<RunPage> {
  const { organizationId } = actor;
  const before = cursor !== null && /^[1-9][0-9]{0,8}$/.test(cursor) ? Number(cursor) : null;
  const rows = await inOrganization(actor, async (tx) => {
    await requireApp(tx, organizationId, appId);
    return tx.syncRun.findMany({
      where: { organizationId, appId, ...(before !== null && { number: { lt: before } }) },
      orderBy: { number: "desc" },
      take: PAGE_SIZE + 1,
      select: SHOWN,
    });
  });
  const runs = rows.slice(0, PAGE_SIZE).map(toRun);
  const last = runs.at(-1);
  return { runs, cursor: rows.length > PAGE_SIZE && last ? String(last.number) : null };
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
    const { appId, number, resumesRunId } = row;
    const link = { id: true, number: true } as const;
    const resumes = resumesRunId
      ? await tx.syncRun.findFirst({ where: { organizationId, id: resumesRunId }, select: link })
      : null;
    const resumedBy = await tx.syncRun.findFirst({
      where: { organizationId, appId, resumesRunId: runId },
      select: link,
    });
    const before = await tx.syncRun.findFirst({
      where: { organizationId, appId, number: { lt: number }, isComplete: true },
      orderBy: { number: "desc" },
      select: { departmentsSeen: true },
    });
    return { ...toRun(row), resumes, resumedBy, departmentsExpected: before?.departmentsSeen ?? null };
  });
}

/** How an app's directory stands. @throws {AppError} `not_found` */
export async function getDirectorySummary(
  actor: Actor<"directory.read">,
  appId: string,
  now: Date = new Date(),
): Promise<DirectorySummary> {
  const { organizationId } = actor;
  return inOrganization(actor, async (tx) => {
    const { lastSeenAt, activeRunId, syncEveryHours, state } = await requireApp(tx, organizationId, appId);
    const departments = await tx.department.count({ where: { organizationId, appId, removedAt: null } });
    const removed = await tx.department.count({ where: { organizationId, appId, NOT: { removedAt: null } } });
    const last = await tx.syncRun.findFirst({
      where: { organizationId, appId },
      orderBy: { number: "desc" },
      select: SHOWN,
    });
    return {
      departments,
      removed,
      lastSeenAt,
      activeRunId,
      lastRun: last && toRun(last),
      nextSyncAt: isScheduled(state) ? nextDueAt(appId, syncEveryHours, now) : null,
    };
  });
}

async function requireApp(tx: Tx, organizationId: string, appId: string) {
  if (!isUuid(appId)) throw notFound("app");
  const app = await tx.dingtalkApp.findUnique({
    where: { organizationId_id: { organizationId, id: appId } },
    select: { lastSeenAt: true, activeRunId: true, syncEveryHours: true, state: true },
  });
  if (!app) throw notFound("app");
  return app;
}
