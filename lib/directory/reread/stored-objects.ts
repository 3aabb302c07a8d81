import "server-only";
import type { ClientBase } from "pg";
import type { AppRef } from "@/lib/app-ref";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import {
  DEPARTMENT_COLUMNS,
  type LoadedDepartment,
  type StoredContents,
  type StoredDepartment,
  toStored,
} from "../sync/directory-store";

/** The parts of the stored directory that a re-read compares with, loaded as they are needed. */
export type StoredObjects = {
  /** Returns the ids from a department's parent to the root; `null` for a department that is not stored or removed. */
  readonly ancestorsOf: (departmentId: string) => Promise<readonly string[] | null>;
  readonly contentsOf: (departmentId: string) => Promise<StoredContents>;
  /** Returns the departments of a member; `null` for a member who is not stored or removed. */
  readonly placesOf: (userId: string) => Promise<readonly string[] | null>;
};

/** `trail` ends the recursion in a cycle of parents. */
const ANCESTORS = `
  WITH RECURSIVE upward AS (
    SELECT department_id, parent_id, 0 AS distance, ARRAY[department_id] AS trail FROM department
    WHERE organization_id = $1 AND app_id = $2 AND department_id = $3 AND removed_at IS NULL
    UNION ALL
    SELECT p.department_id, p.parent_id, upward.distance + 1, upward.trail || p.department_id
    FROM upward JOIN department p ON p.organization_id = $1 AND p.app_id = $2 AND p.department_id = upward.parent_id
      AND p.removed_at IS NULL
    WHERE p.department_id <> ALL (upward.trail)
  )
  SELECT department_id::text AS id FROM upward ORDER BY distance`;

const CHILDREN = `
  SELECT department_id::text AS id FROM department
  WHERE organization_id = $1 AND app_id = $2 AND parent_id = $3 AND removed_at IS NULL AND kept_at IS NULL`;

const MEMBERS = `
  SELECT p.user_id AS id FROM member_place p
  JOIN member m ON m.organization_id = $1 AND m.app_id = $2 AND m.user_id = p.user_id AND m.kept_at IS NULL
  WHERE p.organization_id = $1 AND p.app_id = $2 AND p.department_id = $3`;

const PLACES = `
  SELECT ARRAY(SELECT department_id::text FROM member_place p
    WHERE p.organization_id = $1 AND p.app_id = $2 AND p.user_id = $3) AS places
  FROM member WHERE organization_id = $1 AND app_id = $2 AND user_id = $3 AND removed_at IS NULL`;

export function storedObjects(app: AppRef): StoredObjects {
  const ids = (client: ClientBase, sql: string, id: string) =>
    client
      .query<{ id: string }>(sql, [app.organizationId, app.appId, id])
      .then(({ rows }) => rows.map((row) => row.id));
  return {
    ancestorsOf: (departmentId) =>
      inOrganizationSql(app, async (client) => {
        const [itself, ...ancestors] = await ids(client, ANCESTORS, departmentId);
        return itself === undefined ? null : ancestors;
      }),
    contentsOf: (departmentId) =>
      inOrganizationSql(app, async (client) => ({
        children: new Set(await ids(client, CHILDREN, departmentId)),
        members: new Set(await ids(client, MEMBERS, departmentId)),
      })),
    placesOf: (userId) =>
      inOrganizationSql(app, async (client) => {
        const { rows } = await client.query<{ places: string[] }>(PLACES, [
          app.organizationId,
          app.appId,
          userId,
        ]);
        return rows[0]?.places ?? null;
      }),
  };
}

const DEPARTMENTS = `
  SELECT ${DEPARTMENT_COLUMNS} FROM department
  WHERE organization_id = $1 AND app_id = $2 AND department_id = ANY($3::bigint[])`;

/** Loads departments with all their ancestors, removed ones included, in the caller's transaction. */
export async function loadWithAncestors(
  client: ClientBase,
  { organizationId, appId }: AppRef,
  departmentIds: Iterable<string>,
): Promise<ReadonlyMap<string, StoredDepartment>> {
  const stored = new Map<string, StoredDepartment>();
  for (let wanted = [...new Set(departmentIds)]; wanted.length > 0; ) {
    const { rows } = await client.query<LoadedDepartment>(DEPARTMENTS, [organizationId, appId, wanted]);
    for (const row of rows) stored.set(row.departmentId, toStored(row));
    wanted = [...new Set(rows.flatMap(({ parentId }) => parentId ?? []))].filter((id) => !stored.has(id));
  }
  return stored;
}
