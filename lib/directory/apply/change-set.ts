import "server-only";
import type { ClientBase } from "pg";
import type { AppRef } from "@/lib/app-ref";
import { databaseTime } from "@/lib/db/database-time";
import { recordChangeSetApplied } from "@/lib/webhook-log/record-event";

export type ChangeSetRef = AppRef & { readonly setId: string };

export type ApplyContext = {
  readonly client: ClientBase;
  readonly set: ChangeSetRef;
  readonly revision: number;
};

export const setValues = ({ set, revision }: ApplyContext) =>
  [set.organizationId, set.appId, set.setId, revision] as const;

const ROW_REVISION = {
  department: `SELECT d.since_revision FROM department d
    WHERE d.organization_id = $1 AND d.app_id = $2 AND d.department_id = c.object_id::bigint`,
  member: `SELECT m.since_revision FROM member m
    WHERE m.organization_id = $1 AND m.app_id = $2 AND m.user_id = c.object_id`,
};

/** Marks changes as skipped whose rows changed since the set was planned. @returns their number */
export async function skipStaleChanges(
  client: ClientBase,
  set: ChangeSetRef,
  revision: number,
): Promise<number> {
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

export async function countPendingChanges(
  client: ClientBase,
  { organizationId, setId }: ChangeSetRef,
): Promise<number> {
  const { rows } = await client.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM directory_change
     WHERE organization_id = $1 AND set_id = $2 AND outcome IS NULL`,
    [organizationId, setId],
  );
  return rows[0]?.n ?? 0;
}

export async function markApplied({ client, set, revision }: ApplyContext): Promise<void> {
  const { rows } = await client.query<{ departments: number; members: number }>(
    `SELECT (SELECT count(*) FROM department WHERE organization_id = $1 AND app_id = $2 AND removed_at IS NULL)::int
         AS departments,
       (SELECT count(*) FROM member WHERE organization_id = $1 AND app_id = $2 AND removed_at IS NULL)::int AS members`,
    [set.organizationId, set.appId],
  );
  const { departments = 0, members = 0 } = rows[0] ?? {};
  const at = await databaseTime(client);
  await client.query(
    `UPDATE change_set SET revision = $3, applied_at = $6, departments = $4, members = $5
     WHERE organization_id = $1 AND id = $2`,
    [set.organizationId, set.setId, revision, departments, members, at],
  );
  await client.query(
    `UPDATE directory SET revision = $3, departments = $4, members = $5 WHERE organization_id = $1 AND app_id = $2`,
    [set.organizationId, set.appId, revision, departments, members],
  );
  await recordChangeSetApplied(client, set, set.setId, at);
}
