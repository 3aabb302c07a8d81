import "server-only";

import type { DirectoryReader } from "./directory-reader";
import { inOrderAt, withParentOf } from "./parent-of";
import { departmentRows } from "./row-sql";

export type Step = {
  readonly id: string;
  readonly name: string;
  /** On the way to what was removed: this is removed too. */
  readonly isRemoved?: boolean;
};

/** The names on the way to a department, its own the last. Of one that nobody knows the id. */
export type PathTo = (departmentId: string) => readonly string[];

/** Rows that turn in a circle end the path where it closes, instead of never. Citus doesn't understand `CYCLE`. */
const statement = (at: number | undefined, which: string) => `
  WITH RECURSIVE upward AS (
    SELECT d.department_id AS start_id, d.department_id, d.parent_id, d.name, d.is_there, 0 AS distance,
      ARRAY[d.department_id] AS trail
    FROM unnest($3::bigint[]) AS wanted (id) CROSS JOIN LATERAL (
      SELECT department_id, parent_id, name, is_there FROM ${departmentRows(at)} d
      WHERE ${which} ${inOrderAt("department_id", "wanted.id")}) d
    UNION ALL
    SELECT upward.start_id, p.department_id, p.parent_id, p.name, p.is_there, upward.distance + 1,
      upward.trail || p.department_id
    FROM ${withParentOf("upward", at, which)} WHERE p.department_id <> ALL (upward.trail)
  )
  SELECT start_id::text AS "startId", department_id::text AS id, name, is_there AS "isThere" FROM upward ORDER BY start_id, distance DESC`;

type Row = Step & { readonly startId: string; readonly isThere: boolean };

/**
 * @param removedToo whether what isn't there any more is passed on the way, and begun at
 * @returns each department's ancestors and itself, from the root down; none for one that isn't there
 */
export async function pathsTo(
  { client, scope, at }: DirectoryReader,
  departmentIds: readonly string[],
  { removedToo = false } = {},
): Promise<ReadonlyMap<string, readonly Step[]>> {
  const sql = statement(at, removedToo ? "true" : "is_there");
  const { rows } = await client.query<Row>(sql, [...scope, departmentIds]);
  const paths = new Map<string, Step[]>(departmentIds.map((id) => [id, []]));
  for (const { startId, isThere, ...step } of rows) {
    paths.get(startId)?.push(isThere ? step : { ...step, isRemoved: true });
  }
  return paths;
}

/** @returns the department's ancestors and itself, from the root down; empty when it isn't there */
export async function pathTo(reader: DirectoryReader, departmentId: string): Promise<readonly Step[]> {
  return (await pathsTo(reader, [departmentId])).get(departmentId) ?? [];
}
