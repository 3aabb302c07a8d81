import "server-only";
import type { ClientBase } from "pg";
import { NOTHING_CONFLICTS } from "@/lib/db/nothing-conflicts";
import type { ChangeSetRef } from "../apply/change-set";
import type { SealPersonal } from "../personal/sealed-values";
import { diffDepartments } from "../sync/plan/diff-departments";
import { CHANGE_KIND, COMPARED_ROWS, PLACES, stateOf } from "../sync/plan/diff-members";
import { storeDepartmentChanges } from "../sync/plan/plan-run";
import { deleteStagedMembers, stageMembers } from "../sync/read/database-checkpoint";
import type { ReadObjects } from "./read-objects";
import { loadWithAncestors } from "./stored-objects";

type RereadPlan = ChangeSetRef & {
  /** The directory's revision, which the caller has locked. */
  readonly revision: number;
  readonly sealPersonal: SealPersonal | null;
  /** The settings choose departments, so that a new member outside of them does not belong to the directory. */
  readonly isChosen: boolean;
};

/** Stores the differences between re-read and stored objects as a change set, in the caller's transaction. */
export async function planReread(client: ClientBase, plan: RereadPlan, read: ReadObjects): Promise<void> {
  const { organizationId, appId, setId, revision } = plan;
  await client.query(
    `INSERT INTO change_set (organization_id, id, app_id, cause, planned_revision) VALUES ($1, $2, $3, 'event', $4)`,
    [organizationId, setId, appId, revision],
  );
  const changes = await planDepartments(client, plan, read);
  await planMembers(client, plan, { read, changes });
}

async function planDepartments(client: ClientBase, set: RereadPlan, read: ReadObjects): Promise<number> {
  const { departments, goneDepartments } = read;
  const parents = [...departments.values()].flatMap(({ parentId }) => parentId ?? []);
  const stored = await loadWithAncestors(client, set, [
    ...departments.keys(),
    ...goneDepartments,
    ...parents,
  ]);
  const removals = new Map([...goneDepartments].map((id) => [id, "gone"] as const));
  const { changes } = diffDepartments(stored, { departments, removals });
  await storeDepartmentChanges(client, set, changes);
  return changes.length;
}

/**
 * Compares the staged rows ($3) with the stored members. Places in departments that are not in the directory after the
 * change don't count: $5 are the departments that were read, $6 those that are gone.
 */
const PLAN = `
  WITH staged AS MATERIALIZED (
    SELECT w.*, d.department_id IS NOT NULL OR w.department_id = ANY($5::bigint[]) AS is_place FROM walk_member w
    LEFT JOIN department d ON d.organization_id = $1 AND d.app_id = $2 AND d.department_id = w.department_id
      AND d.removed_at IS NULL AND NOT (d.department_id = ANY($6::bigint[]))
    WHERE w.organization_id = $1 AND w.walk_id = $3
  ), read AS MATERIALIZED (
    SELECT DISTINCT ON (user_id) * FROM staged ORDER BY user_id, department_id
  ), read_place AS MATERIALIZED (
    SELECT user_id, ${PLACES} AS places, array_agg(department_id ORDER BY department_id) AS departments
    FROM staged WHERE is_place GROUP BY user_id
  ), stored_place AS MATERIALIZED (
    SELECT user_id, ${PLACES} AS places, array_agg(department_id ORDER BY department_id) AS departments
    FROM member_place WHERE organization_id = $1 AND app_id = $2 AND user_id = ANY($8::text[]) GROUP BY user_id
  ), ${COMPARED_ROWS}
  INSERT INTO directory_change (organization_id, app_id, set_id, number, object, object_id, kind, before, after, base_revision)
  SELECT $1, $2, $3, $4 + row_number() OVER (ORDER BY user_id), 'member', user_id,
    ${CHANGE_KIND}, before, after, base
  FROM compared WHERE before IS DISTINCT FROM after AND NOT ($7 AND before IS NULL AND is_nowhere)
  ${NOTHING_CONFLICTS}`;

const PLAN_REMOVALS = `
  WITH stored_place AS MATERIALIZED (
    SELECT user_id, ${PLACES} AS places FROM member_place
    WHERE organization_id = $1 AND app_id = $2 AND user_id = ANY($5::text[]) GROUP BY user_id
  )
  INSERT INTO directory_change (organization_id, app_id, set_id, number, object, object_id, kind, reason, before,
    base_revision, outcome)
  SELECT $1, $2, $3, $4 + row_number() OVER (ORDER BY stored.user_id), 'member', stored.user_id, 'removed', 'gone',
    ${stateOf("stored", "stored_place.places")}, stored.since_revision, CASE WHEN stored.kept_at IS NOT NULL THEN 'kept' END
  FROM member stored LEFT JOIN stored_place ON stored_place.user_id = stored.user_id
  WHERE stored.organization_id = $1 AND stored.app_id = $2 AND stored.user_id = ANY($5::text[])
    AND stored.removed_at IS NULL
  ${NOTHING_CONFLICTS}`;

type MemberPlan = { readonly read: ReadObjects; readonly changes: number };

async function planMembers(
  client: ClientBase,
  { organizationId, appId, setId, sealPersonal, isChosen }: RereadPlan,
  { read, changes }: MemberPlan,
): Promise<void> {
  const scope = [organizationId, appId, setId] as const;
  const walk = { organizationId, appId, walkId: setId };
  const members = [...read.members.values()];
  await stageMembers(client, walk, members, sealPersonal);
  const { rowCount } = await client.query(PLAN, [
    ...scope,
    changes,
    [...read.departments.keys()],
    [...read.goneDepartments],
    isChosen,
    members.map(({ userId }) => userId),
  ]);
  await deleteStagedMembers(client, walk);
  await client.query(PLAN_REMOVALS, [...scope, changes + (rowCount ?? 0), [...read.goneMembers]]);
}
