import "server-only";
import type { ClientBase } from "pg";
import { databaseTime } from "@/lib/db/database-time";
import { expectMany } from "../bulk-rows";
import { dropUnkeptPersonal } from "../personal/personal-values";
import { lockDirectory } from "../revision";
import { applyDepartments } from "./apply-departments";
import { applyMembers } from "./apply-members";
import type { Applying, SetRef } from "./applying";
import { countPeople } from "./count-people";
import { indexChanged } from "./index-changed";

export type Applied = {
  /** The directory's revision now; the one before when there was nothing to apply. */
  readonly revision: number;
  readonly isChanged: boolean;
  /** Changes that were left alone, since their rows had changed after they were planned. */
  readonly skipped: number;
};

/**
 * Applies a stored change set: all of it in the caller's transaction, under the directory's lock, and none but the rows
 * that differ. A row that is not what it was when the change was planned is left alone, and the change says so.
 *
 * What was goes to the past, from which every revision can be seen again.
 */
export async function applyChanges(client: ClientBase, set: SetRef): Promise<Applied> {
  const before = await lockDirectory(client, set);
  const skipped = await skipStale(client, set, before);
  const changes = await countChanges(client, set);
  if (changes === 0) return { revision: before, isChanged: false, skipped };
  await expectMany(client, changes);
  const applying: Applying = { client, set, revision: before + 1 };
  await applyDepartments(applying);
  await applyMembers(applying);
  await countPeople(applying);
  await indexChanged(applying);
  await endSet(applying);
  await dropUnkeptPersonal(client, set);
  return { revision: applying.revision, isChanged: true, skipped };
}

const ROW_REVISION = {
  department: `SELECT d.since_revision FROM department d
    WHERE d.organization_id = $1 AND d.app_id = $2 AND d.department_id = c.object_id::bigint`,
  member: `SELECT m.since_revision FROM member m
    WHERE m.organization_id = $1 AND m.app_id = $2 AND m.user_id = c.object_id`,
};

/** Nothing can be stale where the set was made under this very lock, or the directory was never written. */
async function skipStale(client: ClientBase, set: SetRef, revision: number): Promise<number> {
  const { organizationId, appId, setId } = set;
  const { rows } = await client.query<{ plannedRevision: number }>(
    `SELECT planned_revision AS "plannedRevision" FROM change_set WHERE organization_id = $1 AND id = $2`,
    [organizationId, setId],
  );
  if (rows[0]?.plannedRevision === revision) return 0;
  let skipped = 0;
  for (const object of ["department", "member"] as const) {
    const { rowCount } = await client.query(
      `UPDATE directory_change c SET outcome = 'skipped'
       WHERE c.organization_id = $1 AND c.set_id = $3 AND c.object = $4 AND c.outcome IS NULL
         AND coalesce((${ROW_REVISION[object]}), -1) <> coalesce(c.base_revision, -1)`,
      [organizationId, appId, setId, object],
    );
    skipped += rowCount ?? 0;
  }
  return skipped;
}

async function countChanges(client: ClientBase, { organizationId, setId }: SetRef): Promise<number> {
  const { rows } = await client.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM directory_change
     WHERE organization_id = $1 AND set_id = $2 AND outcome IS NULL`,
    [organizationId, setId],
  );
  return rows[0]?.n ?? 0;
}

async function endSet(applying: Applying): Promise<void> {
  const { client, set, revision } = applying;
  const { rows } = await client.query<{ departments: number; members: number }>(
    `SELECT (SELECT count(*) FROM department WHERE organization_id = $1 AND app_id = $2 AND removed_at IS NULL)::int
         AS departments,
       (SELECT count(*) FROM member WHERE organization_id = $1 AND app_id = $2 AND removed_at IS NULL)::int AS members`,
    [set.organizationId, set.appId],
  );
  const { departments = 0, members = 0 } = rows[0] ?? {};
  await client.query(
    `UPDATE change_set SET revision = $3, applied_at = $6, departments = $4, members = $5
     WHERE organization_id = $1 AND id = $2`,
    [set.organizationId, set.setId, revision, departments, members, await databaseTime(client)],
  );
  await client.query(
    `UPDATE directory SET revision = $3, departments = $4, members = $5 WHERE organization_id = $1 AND app_id = $2`,
    [set.organizationId, set.appId, revision, departments, members],
  );
}
