import "server-only";

/**
 * What is there, or was there after a revision, to be put after FROM under a name. `$1` and `$2` are the scope's; the
 * revision is a number of ours and stands in the statement, so that each statement numbers its own values as it likes.
 *
 * Conditions on the whole reach into both halves: the present is read by the very plan that its table alone would have,
 * and the past by as many index look-ups again. An order doesn't: `first` ends each half, such as with one and a limit.
 */
type RowsAt = (at: number | undefined, first?: string) => string;

const OURS = "organization_id = $1 AND app_id = $2";

function rowsAt(
  at: number | undefined,
  first: string,
  { table, past, columns, has = "true" }: { table: string; past: string; columns: string; has?: string },
): string {
  const present = `SELECT ${columns}, ${has} AS is_there FROM ${table} WHERE ${OURS}`;
  if (at === undefined) return `(${present} ${first})`;
  if (!Number.isSafeInteger(at)) throw new TypeError(`no revision: ${at}`);
  return `((${present} AND ${has} AND since_revision <= ${at} ${first})
    UNION ALL (SELECT ${columns}, true FROM ${past}
      WHERE ${OURS} AND from_revision <= ${at} AND to_revision > ${at} ${first}))`;
}

/** Of the present also what was removed, with `is_there` false. */
export const departmentRows: RowsAt = (at, first = "") =>
  rowsAt(at, first, {
    table: "department",
    past: "department_past",
    columns: `department_id, parent_id, name, "order", source_identifier, details`,
    has: "removed_at IS NULL",
  });

/** Of the present also who was removed, with `is_there` false. */
export const memberRows: RowsAt = (at, first = "") =>
  rowsAt(at, first, {
    table: "member",
    past: "member_past",
    columns: "user_id, name, title, job_number, is_active",
    has: "removed_at IS NULL",
  });

/** Who sits where. */
export const placeRows: RowsAt = (at, first = "") =>
  rowsAt(at, first, {
    table: "member_place",
    past: "place_past",
    columns: `department_id, user_id, title, is_leader, "order"`,
  });
