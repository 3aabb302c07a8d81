import "server-only";
import type { ClientBase } from "pg";
import { inOrganizationSql, LIMITS } from "@/lib/db/unit-of-work";
import type { RunRef } from "../refs";
import { indexNames } from "../search/index-names";
import type { Plan, PlannedDepartment } from "./plan";
import { endRun, type RunCounters, requireActive } from "./run-records";
import type { SyncReason } from "./sync-reasons";

/** Rows of one statement: some megabytes at most, however large the directory. */
const ROWS_PER_STATEMENT = 5_000;

export type WriteOptions = {
  /** Why the reading was not complete; `null` if it was. */
  readonly incompleteFor: SyncReason | null;
  readonly counters: RunCounters;
  readonly rowsPerStatement?: number;
};

/**
 * Writes what differs and ends the run, all in one transaction: a reader sees the old tree or the new one, and
 * a worker that is killed or was replaced leaves the old one.
 *
 * @throws {RunIsOver} when the run is not the app's any more; nothing is written
 */
export function writePlan(run: RunRef, plan: Plan, options: WriteOptions): Promise<void> {
  const { incompleteFor, counters, rowsPerStatement = ROWS_PER_STATEMENT } = options;
  return inOrganizationSql(
    run,
    async (client) => {
      await requireActive(client, run);
      // In one order, so that whoever else writes these rows waits and is not waited for
      const writes = [...plan.writes].sort((a, b) =>
        BigInt(a.departmentId) < BigInt(b.departmentId) ? -1 : 1,
      );
      for (const rows of chunks(writes, rowsPerStatement)) {
        await upsert(client, run, rows);
        await indexNames(
          client,
          run,
          rows.map(({ departmentId, name }) => ({ kind: "department", id: departmentId, name })),
        );
      }
      for (const ids of chunks(plan.removals, rowsPerStatement)) await markRemoved(client, run, ids);
      await endRun(client, run, {
        state: "succeeded",
        isComplete: incompleteFor === null,
        error: incompleteFor,
        counters,
        counts: plan.counts,
      });
    },
    LIMITS.bulk,
  );
}

/** A department that comes back is the same row as before: its first day stays. */
async function upsert(
  client: ClientBase,
  { organizationId, appId }: RunRef,
  rows: readonly PlannedDepartment[],
): Promise<void> {
  await client.query(
    `INSERT INTO department AS held (organization_id, app_id, department_id, parent_id, name, "order",
       source_identifier, extra, first_seen_at, changed_at)
     SELECT $1, $2, id, parent_id, name, "order", source_identifier, extra, now(), now()
     FROM unnest($3::bigint[], $4::bigint[], $5::text[], $6::bigint[], $7::text[], $8::jsonb[])
       AS read (id, parent_id, name, "order", source_identifier, extra)
     ON CONFLICT (organization_id, app_id, department_id) DO UPDATE SET
       parent_id = EXCLUDED.parent_id, name = EXCLUDED.name, "order" = coalesce(EXCLUDED."order", held."order"),
       source_identifier = EXCLUDED.source_identifier, extra = EXCLUDED.extra, changed_at = EXCLUDED.changed_at, removed_at = NULL
     WHERE held.removed_at IS NOT NULL
       OR (held.parent_id, held.name, held."order", held.source_identifier, held.extra)
         IS DISTINCT FROM (EXCLUDED.parent_id, EXCLUDED.name, coalesce(EXCLUDED."order", held."order"),
           EXCLUDED.source_identifier, EXCLUDED.extra)`,
    [
      organizationId,
      appId,
      rows.map(({ departmentId }) => departmentId),
      rows.map(({ parentId }) => parentId),
      rows.map(({ name }) => name),
      rows.map(({ order }) => order),
      rows.map(({ sourceIdentifier }) => sourceIdentifier),
      rows.map(({ extra }) => extra),
    ],
  );
}

async function markRemoved(
  client: ClientBase,
  { organizationId, appId }: RunRef,
  departmentIds: readonly string[],
): Promise<void> {
  await client.query(
    `UPDATE department SET removed_at = now(), changed_at = now()
     WHERE organization_id = $1 AND app_id = $2 AND department_id = ANY($3::bigint[]) AND removed_at IS NULL`,
    [organizationId, appId, departmentIds],
  );
}

function* chunks<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
