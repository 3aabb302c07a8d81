import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { inOrganization, type Tx } from "@/lib/db/unit-of-work";
import { notFound } from "@/lib/errors";
import { isUuid } from "@/lib/public-id";
import type { AppState, RunMode } from "@/prisma/generated/enums";
import { type Run, SHOWN, toRun } from "./run";
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

const HELD = { id: true, number: true, removed: true, membersRemoved: true } as const;

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
    const heldRun = await tx.syncRun.findFirst({
      where: { organizationId, appId, state: "held" },
      orderBy: { number: "desc" },
      select: HELD,
    });
    return {
      departments,
      removed,
      lastSeenAt,
      activeRunId,
      lastRun: last && toRun(last),
      heldRun,
      nextSyncAt: nextSyncAt({ appId, syncEveryHours, state, lastRun: last }, now),
    };
  });
}

/** How each of an organization's directories stands, by the app's id: what a list of apps shows. */
export async function listDirectorySummaries(
  actor: Actor<"directory.read">,
  now: Date = new Date(),
): Promise<ReadonlyMap<string, Omit<DirectorySummary, "removed">>> {
  const { organizationId } = actor;
  return inOrganization(actor, async (tx) => {
    const apps = await tx.dingtalkApp.findMany({
      where: { organizationId },
      select: {
        id: true,
        lastSeenAt: true,
        activeRunId: true,
        syncEveryHours: true,
        state: true,
        runsMade: true,
      },
    });
    const counts = await tx.department.groupBy({
      by: ["appId"],
      where: { organizationId, removedAt: null },
      _count: true,
    });
    const newest = apps.map(({ id, runsMade }) => ({ appId: id, number: runsMade }));
    const runs = await tx.syncRun.findMany({ where: { organizationId, OR: newest }, select: SHOWN });
    const heldOf = await findHeld(tx, organizationId);
    const countOf = new Map(counts.map(({ appId, _count }) => [appId, _count]));
    const runOf = new Map(runs.map((row) => [row.appId, toRun(row)]));
    return new Map(
      apps.map(({ id, lastSeenAt, activeRunId, syncEveryHours, state }) => [
        id,
        {
          departments: countOf.get(id) ?? 0,
          lastSeenAt,
          activeRunId,
          lastRun: runOf.get(id) ?? null,
          heldRun: heldOf.get(id) ?? null,
          nextSyncAt: nextSyncAt({ appId: id, syncEveryHours, state, lastRun: runOf.get(id) ?? null }, now),
        },
      ]),
    );
  });
}

type Due = {
  readonly appId: string;
  readonly syncEveryHours: number;
  readonly state: AppState;
  readonly lastRun: { readonly retryAt: Date | null } | null;
};

/** When a run begins by itself: the retry of the last one that failed, or the next of the schedule. */
function nextSyncAt({ appId, syncEveryHours, state, lastRun }: Due, now: Date): Date | null {
  if (!isScheduled(state)) return null;
  const scheduled = nextDueAt(appId, syncEveryHours, now);
  const retry = lastRun?.retryAt ?? null;
  if (retry === null || retry < now) return scheduled;
  return scheduled === null || retry < scheduled ? retry : scheduled;
}

/** The runs of an organization that wait for a decision, by the app's id. */
export function listHeldRuns({
  organizationId,
}: Actor<"directory.read">): Promise<ReadonlyMap<string, HeldRun>> {
  return inOrganization({ organizationId }, (tx) => findHeld(tx, organizationId));
}

async function findHeld(tx: Tx, organizationId: string): Promise<ReadonlyMap<string, HeldRun>> {
  const held = await tx.syncRun.findMany({
    where: { organizationId, state: "held" },
    orderBy: { number: "asc" },
    select: { appId: true, ...HELD },
  });
  return new Map(held.map(({ appId, ...run }) => [appId, run]));
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
