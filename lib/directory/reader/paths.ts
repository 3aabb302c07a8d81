import "server-only";
import type { DirectoryReader } from "./directory-reader";
import { departmentRows, keyLookup } from "./row-sql";

export type Step = {
  readonly id: string;
  readonly name: string;
  /** Set for a removed department on the path of a removed one. */
  readonly isRemoved?: boolean;
};

/** Returns the names from the root to a department, its own last; only the id for an unknown department. */
export type PathTo = (departmentId: string) => readonly string[];

/**
 * Joins each row of `child` with its parent as `p`. `$1` and `$2` are the reader's scope.
 *
 * A lateral join forces one index lookup per row. Before ANALYZE a plain join reads the whole directory once per level,
 * which takes 2 s for 100,000 departments.
 */
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

/**
 * Returns for each department the steps from the root to itself; none for a department that doesn't exist.
 *
 * @param includeRemoved lets paths begin at removed departments and pass through them
 */
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

/** Returns the steps from the root to a department; empty for a department that doesn't exist. */
export async function pathTo(reader: DirectoryReader, departmentId: string): Promise<readonly Step[]> {
  return (await pathsTo(reader, [departmentId])).get(departmentId) ?? [];
}

/** Loads the paths of departments in the tree as it was after a revision. */
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

/**
 * `ancestors`: the departments `$3`, removed ones included, and then one row per level above them with their ids and their
 * parents' ids.
 *
 * Reading a level at once costs half of a lookup per row. ORDER BY the key rules out every other index. `UNION` ends the
 * recursion in a cycle of parents.
 */
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
