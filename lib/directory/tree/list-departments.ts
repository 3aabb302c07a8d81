import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { textsOf } from "@/lib/dingtalk/read-fields";
import type { JsonObject } from "@/lib/dingtalk/read-json";
import { notFound } from "@/lib/errors";
import { type DirectoryReader, inDirectory } from "../reader/directory-reader";
import type { Step } from "../reader/paths";
import { pathTo } from "../reader/paths";
import { keyLookup, PREFER_INDEX_ORDER } from "../reader/row-sql";
import { nameCondition } from "../search/match-names";

/** A department as programs read it. */
export type Department = {
  readonly id: string;
  readonly parentId: string | null;
  readonly name: string;
  readonly order: string | null;
  readonly sourceIdentifier: string | null;
  readonly firstSeenAt: Date;
  readonly changedAt: Date;
  /** `null` for one that is there. */
  readonly removedAt: Date | null;
  /** Their userids; `null` while DingTalk was not asked for details. */
  readonly managers: string[] | null;
  /** What only `department/get` tells, by DingTalk's names, and when it was read. */
  readonly details: JsonObject | null;
  readonly detailsAt: Date | null;
  /** How many people are in it, and in it with all departments below. */
  readonly members: { readonly direct: number; readonly total: number };
};

export type DepartmentsQuery = {
  readonly parentId?: string | undefined;
  /** Also gives what was removed since. */
  readonly updatedSince?: Date | undefined;
  /** A part of the name or of its pinyin, its initials, or the id. */
  readonly q?: string | undefined;
  /** `nextCursor` of the page before. */
  readonly cursor?: string | undefined;
  readonly limit: number;
};

export type DepartmentsPage = {
  readonly departments: readonly Department[];
  readonly nextCursor: string | null;
};

const COLUMNS = `department_id::text AS id, parent_id::text AS "parentId", name, "order"::text AS "order",
  source_identifier AS "sourceIdentifier", first_seen_at AS "firstSeenAt", changed_at AS "changedAt",
  removed_at AS "removedAt", details, details_at AS "detailsAt"`;

/** Some rows of the table, with how many people are in each: looked up for those few only. */
const withCounts = (rows: string): string => `
  WITH page AS MATERIALIZED (${rows})
  SELECT page.*, jsonb_build_object('direct', coalesce(c.direct, 0), 'total', coalesce(c.total, 0)) AS members
  FROM page LEFT JOIN LATERAL (
    SELECT direct, total FROM department_count
    WHERE organization_id = $1 AND app_id = $2 ${keyLookup("department_id", "page.id::bigint")}) c ON true
  ORDER BY page.id::bigint`;

type Row = Omit<Department, "managers">;

const toDepartment = (row: Row): Department => ({
  ...row,
  managers: row.details && textsOf(row.details.dept_manager_userid_list),
});

/** A page by its key: whatever is written meanwhile, what stays is given once. */
export async function readPage(
  { client, scope }: DirectoryReader,
  { parentId, updatedSince, q, cursor, limit }: DepartmentsQuery,
): Promise<Department[]> {
  const values: unknown[] = [...scope];
  const conditions = ["organization_id = $1", "app_id = $2"];
  const add = (condition: (name: string) => string, value: unknown) => {
    values.push(value);
    conditions.push(condition(`$${values.length}`));
  };
  if (updatedSince === undefined) conditions.push("removed_at IS NULL");
  else add((since) => `changed_at >= ${since}`, updatedSince);
  // In their order; but of one department's children, by looking at those
  if (parentId === undefined) await client.query(PREFER_INDEX_ORDER);
  else add((id) => `parent_id = ${id}::bigint`, parentId);
  if (cursor !== undefined) add((id) => `department_id > ${id}::bigint`, cursor);
  if (q !== undefined) {
    const { condition, value } = await nameCondition({ client, scope }, "department", {
      text: q,
      row: "d",
      includeRemoved: updatedSince !== undefined,
    });
    add(condition, value);
  }
  values.push(limit);
  const { rows } = await client.query<Row>(
    withCounts(`SELECT ${COLUMNS} FROM department d WHERE ${conditions.join(" AND ")}
      ORDER BY department_id LIMIT $${values.length}`),
    values,
  );
  return rows.map(toDepartment);
}

/**
 * A page of an app's departments, in the order of their ids.
 *
 * @throws {AppError} `not_found` for an app that isn't the organization's; `unavailable` for a search that takes too long
 */
export function listDepartments(
  actor: Actor<"directory.read">,
  appId: string,
  query: DepartmentsQuery,
): Promise<DepartmentsPage> {
  return inDirectory(actor, appId, async (reader) => {
    const { limit } = query;
    const rows = await readPage(reader, { ...query, limit: limit + 1 });
    const departments = rows.slice(0, limit);
    return { departments, nextCursor: rows.length > limit ? (departments.at(-1)?.id ?? null) : null };
  });
}

/** @throws {AppError} `not_found`, for a removed department and for another organization's app too */
export function getDepartment(
  actor: Actor<"directory.read">,
  appId: string,
  id: string,
): Promise<Department> {
  return inDirectory(actor, appId, async ({ client, scope }) => {
    const { rows } = await client.query<Row>(
      withCounts(`SELECT ${COLUMNS} FROM department
        WHERE organization_id = $1 AND app_id = $2 AND department_id = $3::bigint AND removed_at IS NULL`),
      [...scope, id],
    );
    if (!rows[0]) throw notFound("department");
    return toDepartment(rows[0]);
  });
}

/** What a department lies in, from the root down. @throws {AppError} as `getDepartment` */
export function listAncestors(actor: Actor<"directory.read">, appId: string, id: string): Promise<Step[]> {
  return inDirectory(actor, appId, async (reader) => {
    const path = await pathTo(reader, id);
    if (path.length === 0) throw notFound("department");
    return path.slice(0, -1);
  });
}

const BATCH = 1_000;

/** The newest sync that wrote the tree, by its number; and whether one after `$3` changed anything. */
const WRITTEN = `
  SELECT id, number FROM sync_run
  WHERE organization_id = $1 AND app_id = $2 AND state = 'succeeded' AND mode <> 'preview'
  ORDER BY number DESC LIMIT 1`;
const CHANGED = `
  SELECT FROM sync_run WHERE organization_id = $1 AND app_id = $2 AND state = 'succeeded' AND mode <> 'preview'
    AND number > $3 AND added + changed + moved + removed > 0 LIMIT 1`;

type Written = { readonly id: string; readonly number: number };

const readWritten = async ({ client, scope }: DirectoryReader): Promise<Written | null> =>
  (await client.query<Written>(WRITTEN, [...scope])).rows[0] ?? null;

export type DepartmentsEnd = {
  readonly end: true;
  readonly run: string | null;
  readonly count: number;
  readonly changed: boolean;
};

/**
 * All departments that are there, a thousand at a time, each batch in a unit of work of its own: nothing is open while
 * whoever reads takes their time. The last batch is the end, which admits a tree that changed underneath.
 *
 * @throws {AppError} `not_found`
 */
export async function* streamDepartments(
  actor: Actor<"directory.read">,
  appId: string,
): AsyncGenerator<readonly (Department | DepartmentsEnd)[]> {
  const before = await inDirectory(actor, appId, readWritten);
  let batch: readonly Department[] = [];
  let count = 0;
  do {
    const query = { cursor: batch.at(-1)?.id, limit: BATCH };
    batch = await inDirectory(actor, appId, (reader) => readPage(reader, query));
    count += batch.length;
    if (batch.length > 0) yield batch;
  } while (batch.length === BATCH);
  const changed = await inDirectory(actor, appId, async ({ client, scope }) => {
    const { rowCount } = await client.query(CHANGED, [...scope, before?.number ?? 0]);
    return rowCount !== 0;
  });
  yield [{ end: true, run: before?.id ?? null, count, changed }];
}
