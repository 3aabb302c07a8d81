import "server-only";
import { withParentOf } from "./parent-of";
import type { Place } from "./place";
import type { Step } from "./schema";

/** Rows that turn in a circle end the path where it closes, instead of never. */
const PATH = `
  WITH RECURSIVE upward AS (
    SELECT department_id, parent_id, name, 0 AS distance FROM department
    WHERE organization_id = $1 AND app_id = $2 AND department_id = $3::bigint AND removed_at IS NULL
    UNION ALL
    SELECT p.department_id, p.parent_id, p.name, upward.distance + 1
    FROM ${withParentOf("upward")}
  ) CYCLE department_id SET is_repeated USING trail
  SELECT department_id::text AS id, name FROM upward WHERE NOT is_repeated ORDER BY distance DESC`;

/** @returns the department's ancestors and itself, from the root down; empty when it isn't there */
export async function pathTo({ client, scope }: Place, departmentId: string): Promise<Step[]> {
  return (await client.query<Step>(PATH, [...scope, departmentId])).rows;
}
