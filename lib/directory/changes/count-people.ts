import "server-only";
import { type Applying, valuesOf } from "./applying";

/** Only these kinds change where how many people are. */
const MATTERS = `
  SELECT FROM directory_change
  WHERE organization_id = $1 AND app_id = $2 AND set_id = $3 AND outcome IS NULL
    AND kind IN ('added', 'returned', 'moved', 'removed', 'restored', 'erased') LIMIT 1`;

/**
 * Each department with all above it, and each person once in each of those. Rows that turn in a circle end where it
 * closes.
 */
const COUNTED = `
  WITH RECURSIVE above AS (
    SELECT department_id, department_id AS ancestor_id, parent_id, 0 AS steps FROM department
    WHERE organization_id = $1 AND app_id = $2 AND removed_at IS NULL
    UNION ALL
    SELECT above.department_id, p.department_id, p.parent_id, above.steps + 1
    FROM above JOIN department p ON p.organization_id = $1 AND p.app_id = $2 AND p.department_id = above.parent_id
      AND p.removed_at IS NULL
    WHERE above.steps < 200
  ), total AS (
    SELECT above.ancestor_id AS department_id, count(DISTINCT place.user_id)::int AS total,
      (count(DISTINCT place.user_id) FILTER (WHERE above.steps = 0))::int AS direct
    FROM above JOIN member_place place ON place.organization_id = $1 AND place.app_id = $2
      AND place.department_id = above.department_id
    GROUP BY above.ancestor_id
  )`;

const WRITE = `${COUNTED}, cleared AS (
    DELETE FROM department_count c
    WHERE c.organization_id = $1 AND c.app_id = $2
      AND NOT EXISTS (SELECT FROM total WHERE total.department_id = c.department_id)
  )
  INSERT INTO department_count AS held (organization_id, app_id, department_id, direct, total)
  SELECT $1, $2, department_id, direct, total FROM total
  ON CONFLICT (organization_id, app_id, department_id) DO UPDATE SET direct = EXCLUDED.direct, total = EXCLUDED.total
  WHERE (held.direct, held.total) IS DISTINCT FROM (EXCLUDED.direct, EXCLUDED.total)`;

/** Counts the people of each department anew, where the set moved anybody. It writes only the counts that differ. */
export async function countPeople(applying: Applying): Promise<void> {
  const { client } = applying;
  const [organizationId, appId, setId] = valuesOf(applying);
  if ((await client.query(MATTERS, [organizationId, appId, setId])).rowCount === 0) return;
  await client.query(WRITE, [organizationId, appId]);
}
