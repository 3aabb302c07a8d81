import "server-only";
import type { DirectoryReader } from "../reader/directory-reader";
import type { PathTo } from "../reader/paths";
import { keyLookup, PREFER_INDEX_ORDER } from "../reader/row-sql";

export type Side = "before" | "after";

/** Deeper than DingTalk allows. Ends the search in a cycle of parents. */
const LEVELS_MAX = 100;

const level = (side: Side) => `
  SELECT wanted.id, coalesce(c.${side} ->> 'name', d.name) AS name,
    CASE WHEN c.${side} IS NULL THEN d.parent_id::text ELSE c.${side} ->> 'parentId' END AS "parentId"
  FROM unnest($3::text[]) AS wanted (id)
  LEFT JOIN LATERAL (
    SELECT name, parent_id FROM department
    WHERE organization_id = $1 AND app_id = $2 ${keyLookup("department_id", "wanted.id::bigint")}) d ON true
  LEFT JOIN LATERAL (
    SELECT before, after FROM directory_change WHERE organization_id = $1 AND app_id = $2 AND object = 'department'
      ${keyLookup("object_id", "wanted.id", 1, "AND set_id = $4")}) c ON true`;

type Row = { readonly id: string; readonly name: string | null; readonly parentId: string | null };

/** Loads department paths on one side of a change set, including departments that it adds. One query per level. */
export async function loadPaths(
  { client, scope }: DirectoryReader,
  { setId, side }: { readonly setId: string; readonly side: Side },
  departmentIds: Iterable<string>,
): Promise<PathTo> {
  await client.query(PREFER_INDEX_ORDER);
  const known = new Map<string, Row>();
  let wanted = new Set(departmentIds);
  for (let levels = 0; wanted.size > 0 && levels < LEVELS_MAX; levels += 1) {
    const { rows } = await client.query<Row>(level(side), [...scope, [...wanted], setId]);
    for (const row of rows) known.set(row.id, row);
    wanted = new Set(rows.flatMap(({ parentId }) => (parentId && !known.has(parentId) ? [parentId] : [])));
  }
  return (departmentId) => {
    const names: string[] = [];
    const passed = new Set<string>();
    for (let id: string | null = departmentId; id !== null && !passed.has(id); ) {
      passed.add(id);
      const row: Row | undefined = known.get(id);
      names.unshift(row?.name ?? id);
      id = row?.parentId ?? null;
    }
    return names;
  };
}
