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

export type Department = {
  readonly id: string;
  readonly parentId: string | null;
  readonly name: string;
  readonly order: string | null;
  readonly sourceIdentifier: string | null;
  readonly firstSeenAt: Date;
  readonly changedAt: Date;
  /** `null` for a current department. */
  readonly removedAt: Date | null;
  /** The userids of the managers; `null` before the details were read. */
  readonly managers: string[] | null;
  /** The fields that only `department/get` returns, by DingTalk's names, and when they were read. */
  readonly details: JsonObject | null;
  readonly detailsAt: Date | null;
  /** Members of the department itself, and of its subtree. */
  readonly members: { readonly direct: number; readonly total: number };
};

export type DepartmentsQuery = {
  readonly parentId?: string | undefined;
  /** Includes departments removed since then. */
  readonly updatedSince?: Date | undefined;
  readonly q?: string | undefined;
  readonly after?: string | undefined;
  readonly limit: number;
};

export type DepartmentsPage = {
  readonly departments: readonly Department[];
  readonly next: string | null;
};

const COLUMNS = `department_id::text AS id, parent_id::text AS "parentId", name, "order"::text AS "order",
  source_identifier AS "sourceIdentifier", first_seen_at AS "firstSeenAt", changed_at AS "changedAt",
  removed_at AS "removedAt", details, details_at AS "detailsAt"`;

/** Selects departments with their member counts, which are looked up for these rows only. */
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

/** Reads a page by key, so that concurrent writes don't repeat or skip a department. */
export async function readPage(
  { client, scope }: DirectoryReader,
  { parentId, updatedSince, q, after, limit }: DepartmentsQuery,
): Promise<Department[]> {
  const values: unknown[] = [...scope];
  const conditions = ["organization_id = $1", "app_id = $2"];
  const add = (condition: (name: string) => string, value: unknown) => {
    values.push(value);
    conditions.push(condition(`$${values.length}`));
  };
  if (updatedSince === undefined) conditions.push("removed_at IS NULL");
  else add((since) => `changed_at >= ${since}`, updatedSince);
  // The id order of the whole table, but an unsorted lookup for one department's children
  if (parentId === undefined) await client.query(PREFER_INDEX_ORDER);
  else add((id) => `parent_id = ${id}::bigint`, parentId);
  if (after !== undefined) add((id) => `department_id > ${id}::bigint`, after);
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
 * Returns a page of an app's departments in the order of their ids.
 * @throws {AppError} `not_found`; `unavailable` when a search exceeds its time limit
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
    return { departments, next: rows.length > limit ? (departments.at(-1)?.id ?? null) : null };
  });
}

/** @throws {AppError} `not_found`, also for a removed department and for another organization's app */
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

/** Returns a department's ancestors from the root down. @throws {AppError} as `getDepartment` */
export function listAncestors(actor: Actor<"directory.read">, appId: string, id: string): Promise<Step[]> {
  return inDirectory(actor, appId, async (reader) => {
    const path = await pathTo(reader, id);
    if (path.length === 0) throw notFound("department");
    return path.slice(0, -1);
  });
}

const BATCH = 1_000;

/** The newest run that wrote the tree, and a check for changes by runs after `$3`. */
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

/** Streams all current departments in batches of 1,000. The last item says whether the directory changed meanwhile. */
export async function* streamDepartments(
  actor: Actor<"directory.read">,
  appId: string,
): AsyncGenerator<readonly (Department | DepartmentsEnd)[]> {
  const before = await inDirectory(actor, appId, readWritten);
  let batch: readonly Department[] = [];
  let count = 0;
  do {
    const query = { after: batch.at(-1)?.id, limit: BATCH };
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
