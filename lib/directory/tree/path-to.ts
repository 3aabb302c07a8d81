import "server-only";
import { withParentOf } from "./parent-of";
import type { Place } from "./place";
import type { Step } from "./schema";

/** Rows that turn in a circle end the path where it closes, instead of never. Citus doesn't understand `CYCLE`. */
const PATH = `
  WITH RECURSIVE upward AS (
    SELECT department_id, parent_id, name, 0 AS distance, ARRAY[department_id] AS trail FROM department
    WHERE organization_id = $1 AND app_id = $2 AND department_id = $3::bigint AND removed_at IS NULL
    UNION ALL
    SELECT p.department_id, p.parent_id, p.name, upward.distance + 1, upward.trail || p.department_id
    FROM ${withParentOf("upward")} WHERE p.department_id <> ALL (upward.trail)
  )
  SELECT department_id::text AS id, name FROM upward ORDER BY distance DESC`;

/** @returns the department's ancestors and itself, from the root down; empty when it isn't there */
export async function pathTo({ client, scope }: Place, departmentId: string): Promise<Step[]> {
  return (await client.query<Step>(PATH, [...scope, departmentId])).rows;
}
