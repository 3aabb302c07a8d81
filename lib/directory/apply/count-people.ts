import "server-only";
import { chunks } from "../chunks";
import { type Applying, valuesOf } from "./applying";

/** Only these kinds change where how many people are. */
const MATTERS = `
  SELECT FROM directory_change
  WHERE organization_id = $1 AND app_id = $2 AND set_id = $3 AND outcome IS NULL
    AND kind IN ('added', 'returned', 'moved', 'removed', 'restored', 'erased') LIMIT 1`;

/**
 * What differs from the counts that are held. Each department with all above it, and each person once in each of those;
 * rows that turn in a circle end where it closes.
 */
const DIFFERENT = `
  WITH RECURSIVE above AS (
    SELECT department_id, department_id AS ancestor_id, parent_id, 0 AS steps FROM department
    WHERE organization_id = $1 AND app_id = $2 AND removed_at IS NULL
    UNION ALL
    SELECT above.department_id, p.department_id, p.parent_id, above.steps + 1
    FROM above JOIN department p ON p.organization_id = $1 AND p.app_id = $2 AND p.department_id = above.parent_id
      AND p.removed_at IS NULL
    WHERE above.steps < 200
  ), counted AS (
    SELECT above.ancestor_id AS department_id, count(DISTINCT place.user_id)::int AS total,
      (count(DISTINCT place.user_id) FILTER (WHERE above.steps = 0))::int AS direct
    FROM above JOIN member_place place ON place.organization_id = $1 AND place.app_id = $2
      AND place.department_id = above.department_id
    GROUP BY above.ancestor_id
  ), held AS (
    SELECT department_id, direct, total FROM department_count WHERE organization_id = $1 AND app_id = $2
  )
  SELECT department_id::text AS id, counted.direct, counted.total FROM counted FULL JOIN held USING (department_id)
  WHERE (held.direct, held.total) IS DISTINCT FROM (counted.direct, counted.total)`;

const WRITE = `
  INSERT INTO department_count (organization_id, app_id, department_id, direct, total)
  SELECT $1, $2, id, direct, total FROM unnest($3::bigint[], $4::int[], $5::int[]) AS counted (id, direct, total)
  ON CONFLICT (organization_id, app_id, department_id) DO UPDATE SET direct = EXCLUDED.direct, total = EXCLUDED.total`;

const CLEAR = `
  DELETE FROM department_count
  WHERE organization_id = $1 AND app_id = $2 AND department_id = ANY($3::bigint[])`;

type Row = { readonly id: string } & Readonly<Record<"direct" | "total", number | null>>;

/**
 * Counts the people of each department anew, where the set moved anybody. It writes only the counts that differ; by way of
 * this process, for a distributed PostgreSQL writes nothing from a recursion.
 */
export async function countPeople(applying: Applying): Promise<void> {
  const { client } = applying;
  const [organizationId, appId, setId] = valuesOf(applying);
  if ((await client.query(MATTERS, [organizationId, appId, setId])).rowCount === 0) return;
  const { rows } = await client.query<Row>(DIFFERENT, [organizationId, appId]);
  const empty = rows.filter(({ total }) => total === null);
  if (empty.length > 0) await client.query(CLEAR, [organizationId, appId, empty.map(({ id }) => id)]);
  for (const some of chunks(rows.filter(({ total }) => total !== null))) {
    const column = (name: keyof Row) => some.map((row) => row[name]);
    await client.query(WRITE, [organizationId, appId, column("id"), column("direct"), column("total")]);
  }
}
