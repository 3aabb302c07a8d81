import "server-only";
import { chunks } from "../bulk-rows";
import { type ApplyContext, setValues } from "./change-set";

/** Only these kinds of change affect the counts. */
const AFFECTS_COUNTS = `
  SELECT FROM directory_change
  WHERE organization_id = $1 AND app_id = $2 AND set_id = $3 AND outcome IS NULL
    AND kind IN ('added', 'returned', 'moved', 'removed', 'restored', 'erased') LIMIT 1`;

/** Selects the counts that differ. Counts a person once in each department and ancestor. The step limit ends cycles. */
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
  ), stored AS (
    SELECT department_id, direct, total FROM department_count WHERE organization_id = $1 AND app_id = $2
  )
  SELECT department_id::text AS id, counted.direct, counted.total FROM counted FULL JOIN stored USING (department_id)
  WHERE (stored.direct, stored.total) IS DISTINCT FROM (counted.direct, counted.total)`;

const WRITE = `
  INSERT INTO department_count (organization_id, app_id, department_id, direct, total)
  SELECT $1, $2, id, direct, total FROM unnest($3::bigint[], $4::int[], $5::int[]) AS counted (id, direct, total)
  ON CONFLICT (organization_id, app_id, department_id) DO UPDATE SET direct = EXCLUDED.direct, total = EXCLUDED.total`;

const CLEAR = `
  DELETE FROM department_count
  WHERE organization_id = $1 AND app_id = $2 AND department_id = ANY($3::bigint[])`;

type Row = { readonly id: string } & Readonly<Record<"direct" | "total", number | null>>;

/** Updates the member counts that differ. They pass through this process: Citus can't write from a recursive query. */
export async function updateHeadCounts(context: ApplyContext): Promise<void> {
  const { client } = context;
  const [organizationId, appId, setId] = setValues(context);
  if ((await client.query(AFFECTS_COUNTS, [organizationId, appId, setId])).rowCount === 0) return;
  const { rows } = await client.query<Row>(DIFFERENT, [organizationId, appId]);
  const empty = rows.filter(({ total }) => total === null);
  if (empty.length > 0) await client.query(CLEAR, [organizationId, appId, empty.map(({ id }) => id)]);
  for (const some of chunks(rows.filter(({ total }) => total !== null))) {
    const column = (name: keyof Row) => some.map((row) => row[name]);
    await client.query(WRITE, [organizationId, appId, column("id"), column("direct"), column("total")]);
  }
}
