import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { notFound } from "@/lib/errors";
import { type DirectoryReader, inDirectory } from "../reader/directory-reader";
import { pathTo } from "../reader/paths";
import { departmentsByIdSql, keyLookup } from "../reader/row-sql";
import { siblingOrder } from "../reader/sibling-order";
import { readChildren } from "../tree/list-children";
import type { ChartBox, OrganizationChart } from "./schema";

const BOXES_MAX = 300;
const MANAGERS_MAX = 3;

const MANAGERS = "d.details -> 'dept_manager_userid_list'";

const boxes = (rows: string, order: string) => `
  SELECT d.department_id::text AS id, d.parent_id::text AS "parentId", d.name,
    coalesce(c.direct, 0) AS direct, coalesce(c.total, 0) AS total, children.count AS "childCount",
    CASE jsonb_typeof(${MANAGERS}) WHEN 'array' THEN ${MANAGERS} ELSE '[]' END AS managers
  FROM ${rows}
  LEFT JOIN LATERAL (
    SELECT direct, total FROM department_count
    WHERE organization_id = $1 AND app_id = $2 ${keyLookup("department_id", "d.department_id")}) c ON true
  CROSS JOIN LATERAL (
    SELECT count(*)::int AS count FROM department k
    WHERE k.organization_id = $1 AND k.app_id = $2 AND k.parent_id = d.department_id AND k.removed_at IS NULL) children
  ORDER BY ${order}`;

const BY_ID = boxes(`(${departmentsByIdSql("d.*")} WHERE d.removed_at IS NULL) d`, "d.department_id");

/** Selects the children of the departments `$3`, in the order of their parents. */
const below = (locale: string) =>
  boxes(
    `unnest($3::bigint[]) WITH ORDINALITY AS wanted (id, place) CROSS JOIN LATERAL (
      SELECT * FROM department
      WHERE organization_id = $1 AND app_id = $2
        ${keyLookup("parent_id", "wanted.id", 1_000_000, "AND removed_at IS NULL")}) d`,
    `wanted.place, ${siblingOrder(locale)} LIMIT $4`,
  );

type Row = Omit<ChartBox, "managerCount">;

async function readBoxes(
  { client, scope }: DirectoryReader,
  rootIds: readonly string[],
  locale: string,
): Promise<Row[]> {
  let level = (await client.query<Row>(BY_ID, [...scope, rootIds])).rows.slice(0, BOXES_MAX);
  const all = [...level];
  while (level.length > 0) {
    let room = BOXES_MAX - all.length;
    // The root shows as many children as fit. A department below it shows all of its children or none.
    const opened = level.filter(({ childCount }) => {
      const isOpened = childCount > 0 && room > 0 && (childCount <= room || all.length === 1);
      if (isOpened) room -= childCount;
      return isOpened;
    });
    if (opened.length === 0) break;
    const ids = opened.map(({ id }) => id);
    level = (await client.query<Row>(below(locale), [...scope, ids, BOXES_MAX - all.length])).rows;
    all.push(...level);
  }
  return all;
}

/** Replaces the ids of managers with their names. Managers outside the directory keep their id. */
async function withManagers({ client, scope }: DirectoryReader, rows: readonly Row[]): Promise<ChartBox[]> {
  const shown = rows.map(({ managers }) =>
    managers.filter((id) => typeof id === "string").slice(0, MANAGERS_MAX),
  );
  const { rows: people } = await client.query<{ id: string; name: string }>(
    `SELECT user_id AS id, name FROM member
     WHERE organization_id = $1 AND app_id = $2 AND user_id = ANY ($3::text[]) AND removed_at IS NULL`,
    [...scope, [...new Set(shown.flat())]],
  );
  const nameOf = new Map(people.map(({ id, name }) => [id, name]));
  return rows.map((row, index) => ({
    ...row,
    managers: (shown[index] ?? []).map((id) => nameOf.get(id) ?? id),
    managerCount: row.managers.length,
  }));
}

/** Returns a department and the levels below it, up to 300 boxes. @param rootId the roots when absent */
export function readChart(
  actor: Actor<"directory.read">,
  appId: string,
  { root: rootId, locale }: { readonly root?: string | undefined; readonly locale: string },
): Promise<OrganizationChart> {
  return inDirectory(actor, appId, async (reader) => {
    const page = rootId === undefined ? await readChildren(reader, { locale, limit: BOXES_MAX }) : null;
    const ids = page ? page.items.map(({ id }) => id) : [rootId ?? ""];
    const boxes = await withManagers(reader, await readBoxes(reader, ids, locale));
    if (!page && boxes.length === 0) throw notFound("department");
    const [only] = ids;
    return { path: ids.length === 1 && only ? await pathTo(reader, only) : [], boxes };
  });
}
