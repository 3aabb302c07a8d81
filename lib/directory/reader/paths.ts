import "server-only";
import type { DirectoryReader } from "./directory-reader";
import { departmentRows, keyLookup } from "./row-sql";

export type Step = {
  readonly id: string;
  readonly name: string;
  readonly isRemoved?: boolean;
};

/** Returns the names from the root to a department, its own last; only the id for an unknown department. */
export type PathTo = (departmentId: string) => readonly string[];

/** Joins each row of `child` with its parent `p` by an index lookup: a plain join may read the whole directory. */
const joinParent = (child: string, at: number | undefined, condition: string): string => `
  ${child} CROSS JOIN LATERAL (
    SELECT department_id, parent_id, name, "order", is_present FROM ${departmentRows(at)} d
    WHERE ${condition} ${keyLookup("department_id", `${child}.parent_id`)}) p`;

/** `trail` ends the recursion in a cycle of parents. Citus doesn't support `CYCLE`. */
const pathsSql = (at: number | undefined, condition: string) => `
  WITH RECURSIVE upward AS (
    SELECT d.department_id AS start_id, d.department_id, d.parent_id, d.name, d.is_present, 0 AS distance,
      ARRAY[d.department_id] AS trail
    FROM unnest($3::bigint[]) AS wanted (id) CROSS JOIN LATERAL (
      SELECT department_id, parent_id, name, is_present FROM ${departmentRows(at)} d
      WHERE ${condition} ${keyLookup("department_id", "wanted.id")}) d
    UNION ALL
    SELECT upward.start_id, p.department_id, p.parent_id, p.name, p.is_present, upward.distance + 1,
      upward.trail || p.department_id
    FROM ${joinParent("upward", at, condition)} WHERE p.department_id <> ALL (upward.trail)
  )
  SELECT start_id::text AS "startId", department_id::text AS id, name, is_present AS "isPresent"
  FROM upward ORDER BY start_id, distance DESC`;

type Row = Step & { readonly startId: string; readonly isPresent: boolean };

/** Returns the steps from the root to each department. @param includeRemoved also through removed departments */
export async function pathsTo(
  { client, scope, at }: DirectoryReader,
  departmentIds: readonly string[],
  { includeRemoved = false } = {},
): Promise<ReadonlyMap<string, readonly Step[]>> {
  const sql = pathsSql(at, includeRemoved ? "true" : "is_present");
  const { rows } = await client.query<Row>(sql, [...scope, departmentIds]);
  const paths = new Map<string, Step[]>(departmentIds.map((id) => [id, []]));
  for (const { startId, isPresent, ...step } of rows) {
    paths.get(startId)?.push(isPresent ? step : { ...step, isRemoved: true });
  }
  return paths;
}

export async function pathTo(reader: DirectoryReader, departmentId: string): Promise<readonly Step[]> {
  return (await pathsTo(reader, [departmentId])).get(departmentId) ?? [];
}

export async function pathsAt(
  reader: DirectoryReader,
  at: number,
  departmentIds: readonly string[],
): Promise<PathTo> {
  if (departmentIds.length === 0) return (id) => [id];
  const paths = await pathsTo({ ...reader, at }, [...new Set(departmentIds)]);
  return (id) => {
    const steps = paths.get(id) ?? [];
    return steps.length > 0 ? steps.map(({ name }) => name) : [id];
  };
}

/** `ancestors`: the departments `$3` and one row per level above them. `UNION` ends cycles of parents. */
export const ANCESTORS = `
  WITH RECURSIVE ancestors AS (
    SELECT NULL::bigint[] AS ids, $3::bigint[] AS parents
    UNION
    SELECT level.ids, level.parents FROM ancestors CROSS JOIN LATERAL (
      SELECT array_agg(department_id) AS ids, array_agg(parent_id) AS parents FROM (
        SELECT department_id, parent_id FROM department
        WHERE organization_id = $1 AND app_id = $2 AND department_id = ANY (ancestors.parents)
          AND (ancestors.ids IS NULL OR removed_at IS NULL) ORDER BY department_id) d) level
    WHERE level.ids IS NOT NULL
  )`;
