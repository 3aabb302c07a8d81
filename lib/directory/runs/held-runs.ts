import "server-only";
import type { ClientBase } from "pg";
import type { RunRef } from "@/lib/app-ref";
import { inOrganizationSql, readTogether } from "@/lib/db/unit-of-work";
import type { JobHandler } from "@/lib/jobs/queues";
import { endHeldRun } from "@/lib/notices/record-held-run";
import { announceRun } from "./run-records";

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
