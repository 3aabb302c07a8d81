import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { inOrganization, type Tx } from "@/lib/db/unit-of-work";
import { notFound } from "@/lib/errors";
import { type TwoWayPage, toTwoWayPage } from "@/lib/pagination/two-way-page";
import { isUuid } from "@/lib/public-id";
import { RUNS_PER_PAGE } from "../page-sizes";
import { RUN_COLUMNS, type Run, toRun } from "./run";
import type { RunsQuery } from "./schema";

export type RunPage = TwoWayPage<number> & { readonly runs: readonly Run[] };

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
      take: RUNS_PER_PAGE + 1,
      select: RUN_COLUMNS,
    });
  });
  const { rows: found, ...neighbors } = toTwoWayPage(rows, (row) => row.number, {
    before,
    after,
    size: RUNS_PER_PAGE,
  });
  return { runs: found.map(toRun), ...neighbors };
}

async function requireApp(tx: Tx, organizationId: string, appId: string): Promise<void> {
  if (!isUuid(appId)) throw notFound("app");
  const app = await tx.dingtalkApp.findUnique({
    where: { organizationId_id: { organizationId, id: appId } },
    select: { id: true },
  });
  if (!app) throw notFound("app");
}
