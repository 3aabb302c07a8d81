import "server-only";

import { departmentRows } from "../reader/row-sql";

/** Roots are departments without a known parent: the scope may begin below one, and a parent may be removed. */
export const isRoot = (at: number | undefined) => `(d.parent_id IS NULL OR NOT EXISTS (
  SELECT FROM ${departmentRows(at)} p WHERE p.department_id = d.parent_id AND p.is_present))`;
