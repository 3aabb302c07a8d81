import "server-only";

/**
 * Joins each row of `child` with its live parent, as `p`. `$1` and `$2` are the scope's.
 *
 * One index look-up a row, whatever the planner thinks: right after a first sync the table's statistics know
 * nothing of the new rows, and a plain join then read all of the directory for each level (2 s at 100,000).
 */
export const withParentOf = (child: string): string => `
  ${child} CROSS JOIN LATERAL (
    SELECT department_id, parent_id, name, "order" FROM department
    WHERE organization_id = $1 AND app_id = $2 AND department_id = ${child}.parent_id AND removed_at IS NULL
    LIMIT 1) p`;
