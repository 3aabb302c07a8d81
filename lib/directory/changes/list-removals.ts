import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { isStatementCanceled } from "@/lib/db/errors";
import { err, ok, type Result } from "@/lib/result";
import { expectManyRows } from "../bulk-rows";
import type { DirectoryReader } from "../reader/directory-reader";
import { inPlan, type PlanRef } from "./list-changes";
import { loadPaths } from "./load-paths";
import type { RemovedGroup, RemovedGroups, RemovedPerson } from "./removed-groups";

const LISTED_MAX = 200;

/** Conditions for the removals of a plan, without rows that a person keeps. */
const removed = (object: "department" | "member") => `
  c.organization_id = $1 AND c.app_id = $2 AND c.set_id = $3 AND c.object = '${object}' AND c.kind = 'removed'
  AND c.outcome IS DISTINCT FROM 'kept'`;

const GONE = `gone AS MATERIALIZED (
  SELECT c.object_id AS id, c.before ->> 'parentId' AS parent_id, c.before ->> 'name' AS name
  FROM directory_change c WHERE ${removed("department")})`;

const SEAT = `seat AS MATERIALIZED (
  SELECT c.object_id AS user_id, place ->> 'departmentId' AS department_id
  FROM directory_change c CROSS JOIN LATERAL jsonb_array_elements(c.before -> 'places') place
  WHERE ${removed("member")})`;

/** A condition on `gone g`: directly below `$4`; without `$4`, below a department that stays. */
const ENTRY_POINTS = `CASE WHEN $4::text IS NOT NULL THEN g.parent_id = $4
  ELSE g.parent_id IS NULL OR NOT EXISTS (SELECT FROM gone p WHERE p.id = g.parent_id) END`;

const GROUPS = `
  WITH RECURSIVE ${GONE}, below AS (
    SELECT g.id, g.id AS top FROM gone g WHERE ${ENTRY_POINTS}
    UNION ALL
    SELECT g.id, below.top FROM below JOIN gone g ON g.parent_id = below.id
  ), ${SEAT}, people AS (
    SELECT below.top, count(DISTINCT seat.user_id)::int AS n FROM seat JOIN below ON below.id = seat.department_id
    GROUP BY below.top
  ), departments AS (
    SELECT top, count(*)::int - 1 AS n FROM below GROUP BY top
  )
  SELECT g.id, g.name, g.parent_id AS "parentId", departments.n AS departments, coalesce(people.n, 0) AS members,
    count(*) OVER ()::int AS total
  FROM departments JOIN gone g ON g.id = departments.top LEFT JOIN people ON people.top = g.id
  ORDER BY departments.n + coalesce(people.n, 0) DESC, g.name, g.id LIMIT ${LISTED_MAX}`;

/** The removed members of department `$4`; without `$4`, those in no removed department. */
const PEOPLE = `
  WITH ${GONE}, ${SEAT}, within AS MATERIALIZED (
    SELECT DISTINCT seat.user_id FROM seat JOIN gone ON gone.id = seat.department_id
    WHERE $4::text IS NULL OR seat.department_id = $4
  )
  SELECT c.object_id AS id, c.before ->> 'name' AS name, count(*) OVER ()::int AS total
  FROM directory_change c LEFT JOIN within ON within.user_id = c.object_id
  WHERE ${removed("member")} AND (within.user_id IS NOT NULL) = ($4::text IS NOT NULL)
  ORDER BY c.number LIMIT ${LISTED_MAX}`;

type GroupRow = Omit<RemovedGroup, "path"> & { readonly parentId: string | null; readonly total: number };

async function readGroups(
  { client, scope }: DirectoryReader,
  runId: string,
  parent: string | null,
): Promise<GroupRow[]> {
  await expectManyRows(client);
  return (await client.query<GroupRow>(GROUPS, [...scope, runId, parent])).rows;
}

/**
 * Returns a plan's removals as subtrees: the topmost removed departments, largest first, and members outside of them.
 * @param parent a removed department, whose direct children are returned instead
 * @returns `too_slow` when the plan is too large to group within the time limit
 */
export async function listRemovals(
  actor: Actor<"directory.read">,
  ref: PlanRef,
  parent: string | null = null,
): Promise<Result<RemovedGroups, "too_slow">> {
  try {
    return ok(await inPlan(actor, ref, (reader) => readRemovals(reader, ref.runId, parent)));
  } catch (error) {
    if (isStatementCanceled(error)) return err("too_slow");
    throw error;
  }
}

async function readRemovals(
  reader: DirectoryReader,
  runId: string,
  parent: string | null,
): Promise<RemovedGroups> {
  const rows = await readGroups(reader, runId, parent);
  const people = await reader.client.query<RemovedPerson & { total: number }>(PEOPLE, [
    ...reader.scope,
    runId,
    parent,
  ]);
  const above = parent === null ? rows.flatMap(({ parentId }) => parentId ?? []) : [];
  const pathTo = await loadPaths(reader, { setId: runId, side: "before" }, above);
  return {
    groups: rows.map(({ id, name, parentId, departments, members }) => ({
      id,
      name,
      path: parent === null && parentId !== null ? pathTo(parentId) : [],
      departments,
      members,
    })),
    groupsTotal: rows[0]?.total ?? 0,
    people: people.rows.map(({ id, name }) => ({ id, name })),
    peopleTotal: people.rows[0]?.total ?? 0,
  };
}
