import "server-only";
import type { ClientBase } from "pg";
import type { RunRef } from "@/lib/app-ref";
import { NOTHING_CONFLICTS } from "@/lib/db/nothing-conflicts";
import { chunks } from "../../chunks";
import { type Plan, type PlannedChange, stateText } from "./diff-departments";

/**
 * Stores what a run is going to change, under the run's id, with the departments first. A plan that is there
 * already, of an earlier attempt, is replaced.
 *
 * @returns how many changes were stored, from which on members are numbered
 */
export async function storeDepartmentPlan(client: ClientBase, run: RunRef, plan: Plan): Promise<number> {
  const { organizationId, appId, runId } = run;
  await client.query(`DELETE FROM change_set WHERE organization_id = $1 AND id = $2`, [
    organizationId,
    runId,
  ]);
  // Without a revision: what is held was looked at before this, so each row is looked at again when it is applied
  await client.query(
    `INSERT INTO change_set (organization_id, id, app_id, cause) VALUES ($1, $2, $3, 'run')`,
    [organizationId, runId, appId],
  );
  let stored = 0;
  for (const changes of chunks(plan.changes)) {
    await storeChanges(client, run, changes, stored);
    stored += changes.length;
  }
  return stored;
}

async function storeChanges(
  client: ClientBase,
  { organizationId, appId, runId }: RunRef,
  changes: readonly PlannedChange[],
  stored: number,
): Promise<void> {
  const column = <T>(of: (change: PlannedChange) => T) => changes.map(of);
  await client.query(
    `INSERT INTO directory_change (organization_id, app_id, set_id, number, object, object_id, kind, reason, before, after,
       base_revision, outcome)
     SELECT $1, $2, $3, $4 + n, 'department', id, kind, reason, before, after, base, outcome
     FROM unnest($5::text[], $6::text[], $7::text[], $8::jsonb[], $9::jsonb[], $10::int[], $11::text[])
       WITH ORDINALITY AS change (id, kind, reason, before, after, base, outcome, n)
     ${NOTHING_CONFLICTS}`,
    [
      organizationId,
      appId,
      runId,
      stored,
      column(({ departmentId }) => departmentId),
      column(({ kind }) => kind),
      column(({ reason }) => reason),
      column(({ before }) => (before && !before.isRemoved ? stateText(before) : null)),
      column(({ after }) => after && stateText(after)),
      column(({ before }) => before?.sinceRevision ?? null),
      column(({ outcome }) => outcome),
    ],
  );
}
