import "server-only";
import type { ClientBase } from "pg";
import { cache } from "react";
import type { RunRef } from "@/lib/app-ref";
import type { Actor } from "@/lib/auth/actor";
import { inOrganizationSql, readTogether } from "@/lib/db/unit-of-work";
import type { JobHandler } from "@/lib/jobs/queues";
import { sendJob } from "@/lib/jobs/send-job";
import { endHeldRun } from "@/lib/notices/record-held-run";
import type { RunLink } from "./get-run";
import type { Run } from "./run";
import { announceRun } from "./run-records";

/** Time that a held run waits for a decision: 7 days. */
export const HELD_MS = 7 * 24 * 60 * 60_000;

export async function scheduleExpiry(client: ClientBase, run: RunRef, at: Date): Promise<void> {
  const { organizationId, runId } = run;
  const options = { tx: client, startAfter: at, singletonKey: `${organizationId}/${runId}` };
  await sendJob("run.expire", { organizationId }, options);
}

export const expireRunsJob: JobHandler<"run.expire"> = async ({ organizationId }) => {
  await expireHeldRuns(organizationId);
};

const OVERDUE = `
  SELECT EXISTS (SELECT FROM sync_run WHERE organization_id = $1 AND state = 'held' AND held_until <= now()) AS "isOverdue"`;

export async function expireHeldRuns(organizationId: string): Promise<number> {
  const [answer] = await readTogether<{ isOverdue: boolean }>({ organizationId }, OVERDUE, [organizationId]);
  if (!answer?.isOverdue) return 0;
  return inOrganizationSql({ organizationId }, async (client) => {
    const { rows } = await client.query<{ appId: string; runId: string }>(
      `UPDATE sync_run SET state = 'expired' WHERE organization_id = $1 AND state = 'held' AND held_until <= now()
       RETURNING app_id AS "appId", id AS "runId"`,
      [organizationId],
    );
    for (const row of rows) await announceEnd(client, { organizationId, ...row });
    return rows.length;
  });
}

/** Ends the app's older held runs after a complete run, whether that run is held too or not. */
export async function supersedeHeldRuns(client: ClientBase, run: RunRef): Promise<void> {
  const { organizationId, appId, runId } = run;
  const { rows } = await client.query<{ id: string }>(
    `UPDATE sync_run SET state = 'superseded', superseded_by_id = $3
     WHERE organization_id = $1 AND app_id = $2 AND state = 'held' AND id <> $3 RETURNING id`,
    [organizationId, appId, runId],
  );
  for (const { id } of rows) await announceEnd(client, { organizationId, appId, runId: id });
}

async function announceEnd(client: ClientBase, run: RunRef): Promise<void> {
  await endHeldRun(client, run, new Date());
  await announceRun(client, run);
}

export type HeldRun = RunLink & Pick<Run, "removed" | "membersRemoved">;

export const listHeldRuns = ({
  organizationId,
}: Actor<"directory.read">): Promise<ReadonlyMap<string, HeldRun>> => readHeldRuns(organizationId);

const HELD = `
  SELECT app_id AS "appId", id, number, removed, members_removed AS "membersRemoved" FROM sync_run
  WHERE organization_id = $1 AND state = 'held' ORDER BY number`;

/** Cached per request, because the console's frame and the page both show held runs. */
export const readHeldRuns = cache(async (organizationId: string): Promise<ReadonlyMap<string, HeldRun>> => {
  type Row = HeldRun & { readonly appId: string };
  const held = await readTogether<Row>({ organizationId }, HELD, [organizationId]);
  return new Map(held.map(({ appId, ...run }) => [appId, run]));
});
