import "server-only";
import type { ClientBase } from "pg";
import type { RunRef } from "@/lib/app-ref";
import { preventAppDeletion } from "@/lib/db/lock-app";
import { NOTHING_CONFLICTS } from "@/lib/db/nothing-conflicts";
import { LIMITS } from "@/lib/db/time-limits";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import type { ChangeSetRef } from "../../apply/change-set";
import { chunks } from "../../bulk-rows";
import type { ChangedObject, RemovalReason } from "../../changes/change-kinds";
import { type RunCounts, ZERO_COUNTS } from "../../runs/run-counts";
import { RunIsOver } from "../../runs/run-errors";
import type { BegunRun } from "../../runs/run-records";
import type { StoredDepartment } from "../directory-store";
import type { ReadDirectory } from "../read/read-directory";
import { type DepartmentChange, type DepartmentDiff, diffDepartments, stateText } from "./diff-departments";
import { type MemberRemovals, storeMemberDiff } from "./diff-members";

/**
 * Stores the differences between the read and the stored directory as the run's plan, in one transaction.
 * @throws {RunIsOver} when the app was deleted; nothing is stored
 */
export function planRun(
  run: BegunRun,
  read: ReadDirectory,
  stored: ReadonlyMap<string, StoredDepartment>,
): Promise<RunCounts> {
  const readsMembers = read.membersIncompleteFor?.kind !== "members_not_permitted";
  return inOrganizationSql(
    run,
    async (client) => {
      const newer = await loadNewer(client, run);
      const diff = diffDepartments(stored, {
        departments: read.departments,
        removals: departmentRemovals(read),
        isBrief: read.strategy === "whole",
        newer: newer.departments,
      });
      const changes = await storeDepartmentDiff(client, run, diff);
      const members = readsMembers
        ? await storeMemberDiff(client, run, {
            changesStored: changes,
            departmentsRead: read.departments,
            departmentsRemoved: [...read.gone, ...read.excluded],
            removals: memberRemovals(read),
            newer: newer.members,
          })
        : ZERO_COUNTS.members;
      if (!(await preventAppDeletion(client, run))) throw new RunIsOver();
      return { departments: diff.counts, members };
    },
    LIMITS.directory,
  );
}

const NEWER = `
  SELECT c.object::text, c.object_id AS id FROM change_set s
  JOIN directory_change c ON c.organization_id = $1 AND c.set_id = s.id AND c.outcome IS NULL
  WHERE s.organization_id = $1 AND s.app_id = $2 AND s.cause = 'event'
    AND s.applied_at > (SELECT started_at FROM sync_run WHERE organization_id = $1 AND id = $3)`;

/** Loads the objects that events have changed since the walk began. Its answers may be older than their rows. */
async function loadNewer(client: ClientBase, { organizationId, appId, walkId }: BegunRun) {
  const values = [organizationId, appId, walkId];
  const { rows } = await client.query<{ object: ChangedObject; id: string }>(NEWER, values);
  const ids = (object: ChangedObject) =>
    new Set(rows.filter((row) => row.object === object).map(({ id }) => id));
  return { departments: ids("department"), members: ids("member") };
}

const withReason = (reason: RemovalReason, ids: Iterable<string>) =>
  [...ids].map((id): [string, RemovalReason] => [id, reason]);

/** Returns the departments to remove: none after an incomplete read. */
function departmentRemovals(read: ReadDirectory): ReadonlyMap<string, RemovalReason> {
  if (read.incompleteFor !== null) return new Map();
  return new Map([
    ...withReason("unproven", read.unproven),
    ...withReason("excluded", read.excluded),
    ...withReason("out_of_scope", read.outOfScope),
    ...withReason("gone", read.gone),
  ]);
}

function memberRemovals(read: ReadDirectory): MemberRemovals | null {
  if (read.incompleteFor !== null || read.membersIncompleteFor !== null) return null;
  const reasons = new Map([
    ...withReason("unproven", read.unprovenMembers),
    ...withReason("out_of_scope", read.outOfScopeMembers),
    ...withReason("gone", read.goneMembers),
  ]);
  return { reasons, excluded: read.excluded };
}

/** Stores the department changes of a run's plan, replacing an earlier attempt's. @returns the number of changes */
export async function storeDepartmentDiff(
  client: ClientBase,
  run: RunRef,
  { changes }: DepartmentDiff,
): Promise<number> {
  const { organizationId, appId, runId } = run;
  await client.query(`DELETE FROM change_set WHERE organization_id = $1 AND id = $2`, [
    organizationId,
    runId,
  ]);
  // No planned_revision: the stored rows were read before this transaction, so `applyChanges` must check each row
  await client.query(
    `INSERT INTO change_set (organization_id, id, app_id, cause) VALUES ($1, $2, $3, 'run')`,
    [organizationId, runId, appId],
  );
  await storeDepartmentChanges(client, { organizationId, appId, setId: runId }, changes);
  return changes.length;
}

/** Stores changes of departments as the first ones of a set. */
export async function storeDepartmentChanges(
  client: ClientBase,
  set: ChangeSetRef,
  changes: readonly DepartmentChange[],
): Promise<void> {
  let stored = 0;
  for (const some of chunks(changes)) {
    await storeChanges(client, set, some, stored);
    stored += some.length;
  }
}

async function storeChanges(
  client: ClientBase,
  { organizationId, appId, setId }: ChangeSetRef,
  changes: readonly DepartmentChange[],
  stored: number,
): Promise<void> {
  const column = <T>(of: (change: DepartmentChange) => T) => changes.map(of);
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
      setId,
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
