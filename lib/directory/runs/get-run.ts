import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { inOrganization } from "@/lib/db/unit-of-work";
import { notFound } from "@/lib/errors";
import { isUuid } from "@/lib/public-id";
import type { RunMode } from "@/prisma/generated/enums";
import { RUN_COLUMNS, type Run, toRun } from "./run";
import type { CallsByApi } from "./run-states";

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

/** Returns a run with the runs linked to it and its expected figures. @throws {AppError} `not_found` */
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
