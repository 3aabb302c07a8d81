import "server-only";
import { departmentRows } from "./row-sql";

/**
 * For the transaction: of two indexes the one that gives the order, even where another is a level lower; and nothing is
 * compiled for a statement that looks up a few hundred rows.
 */
export const INDEXES_ONLY = "SET LOCAL enable_sort = off; SET LOCAL jit = off";

/**
 * Finds rows by the last column of a key, to be put after another condition.
 *
 * A range and its order, where an equation would do: right after a first sync, and wherever there are many organizations,
 * the planner takes an app's rows for one row, so that any index which begins with the app looks as good as the one that
 * ends with this column. Only that one also gives the order.
 */
export const inOrderAt = (column: string, value: string, limit = 1, more = ""): string =>
  `AND ${column} >= ${value} AND ${column} <= ${value} ${more} ORDER BY ${column} LIMIT ${limit}`;

/**
 * Joins each row of `child` with its live parent, or another one, as `p`. `$1` and `$2` are the scope's.
 *
 * One index look-up a row, whatever the planner thinks: right after a first sync the table's statistics know
 * nothing of the new rows, and a plain join then read all of the directory for each level (2 s at 100,000).
 */
export const withParentOf = (child: string, at?: number, which = "is_there"): string => `
  ${child} CROSS JOIN LATERAL (
    SELECT department_id, parent_id, name, "order", is_there FROM ${departmentRows(at)} d
    WHERE ${which} ${inOrderAt("department_id", `${child}.parent_id`)}) p`;

/** Rows of departments by their ids, `$3`, in which `columns` are wanted; removed ones too. */
export const departmentsById = (columns: string): string => `
  SELECT ${columns} FROM unnest($3::bigint[]) AS wanted (id) CROSS JOIN LATERAL (
    SELECT * FROM department WHERE organization_id = $1 AND app_id = $2 ${inOrderAt("department_id", "wanted.id")}) d`;

/**
 * `up`: departments by their ids, `$3`, removed ones too, then what is above them, a row for each level: their ids, and beside
 * each its parent's. A level is read in one go, which is half of what a look-up for each row costs; in the order of the
 * key, so that no index but the key's will do. `UNION` ends what turns in a circle.
 */
export const GOING_UP = `
  WITH RECURSIVE up AS (
    SELECT NULL::bigint[] AS ids, $3::bigint[] AS parents
    UNION
    SELECT level.ids, level.parents FROM up CROSS JOIN LATERAL (
      SELECT array_agg(department_id) AS ids, array_agg(parent_id) AS parents FROM (
        SELECT department_id, parent_id FROM department
        WHERE organization_id = $1 AND app_id = $2 AND department_id = ANY (up.parents)
          AND (up.ids IS NULL OR removed_at IS NULL) ORDER BY department_id) d) level
    WHERE level.ids IS NOT NULL
  )`;
