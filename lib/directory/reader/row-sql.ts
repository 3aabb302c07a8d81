import "server-only";

/** Returns a subquery of the rows that exist now, or after a revision. `tail` ends each half of the union. */
type RowsAt = (at: number | undefined, tail?: string) => string;

const IN_SCOPE = "organization_id = $1 AND app_id = $2";

function rowsAt(
  at: number | undefined,
  tail: string,
  {
    table,
    past,
    columns,
    exists = "true",
  }: { table: string; past: string; columns: string; exists?: string },
): string {
  const present = `SELECT ${columns}, ${exists} AS is_present FROM ${table} WHERE ${IN_SCOPE}`;
  if (at === undefined) return `(${present} ${tail})`;
  if (!Number.isSafeInteger(at)) throw new TypeError(`not a revision: ${at}`);
  return `((${present} AND ${exists} AND since_revision <= ${at} ${tail})
    UNION ALL (SELECT ${columns}, true FROM ${past}
      WHERE ${IN_SCOPE} AND from_revision <= ${at} AND to_revision > ${at} ${tail}))`;
}

/** In the present, removed departments are included with `is_present` false. */
export const departmentRows: RowsAt = (at, tail = "") =>
  rowsAt(at, tail, {
    table: "department",
    past: "department_past",
    columns: `department_id, parent_id, name, "order", source_identifier, details`,
    exists: "removed_at IS NULL",
  });

export const memberRows: RowsAt = (at, tail = "") =>
  rowsAt(at, tail, {
    table: "member",
    past: "member_past",
    columns: "user_id, name, title, job_number, is_active",
    exists: "removed_at IS NULL",
  });

export const placeRows: RowsAt = (at, tail = "") =>
  rowsAt(at, tail, {
    table: "member_place",
    past: "place_past",
    columns: `department_id, user_id, title, is_leader, "order"`,
  });

/** Prefers an index order to a sort, and skips JIT compilation, which costs more than the statement. */
export const PREFER_INDEX_ORDER = "SET LOCAL enable_sort = off; SET LOCAL jit = off";

/** Finds rows by the last column of a key. ORDER BY makes the planner choose the key's index, even before ANALYZE. */
export const keyLookup = (column: string, value: string, limit = 1, more = ""): string =>
  `AND ${column} >= ${value} AND ${column} <= ${value} ${more} ORDER BY ${column} LIMIT ${limit}`;

export const departmentsByIdSql = (columns: string): string => `
  SELECT ${columns} FROM unnest($3::bigint[]) AS wanted (id) CROSS JOIN LATERAL (
    SELECT * FROM department WHERE organization_id = $1 AND app_id = $2 ${keyLookup("department_id", "wanted.id")}) d`;
