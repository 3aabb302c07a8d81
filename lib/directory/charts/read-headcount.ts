import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { notFound } from "@/lib/errors";
import { type DirectoryReader, inDirectory } from "../reader/directory-reader";
import { pathTo } from "../reader/paths";
import { departmentsByIdSql, keyLookup } from "../reader/row-sql";
import { readChildren } from "../tree/list-children";
import type { Headcount, HeadcountChart } from "./schema";

const DEPTH = 4;
/** Maximum per level, and of all levels together. */
const NODES_MAX = 800;
/** Leaves room for the surrounding JSON within 150 kB. */
const BYTES_MAX = 135_000;
const SIBLINGS_MAX = 1_000_000;

const COUNT = (id: string) => `
  LEFT JOIN LATERAL (
    SELECT direct, total FROM department_count
    WHERE organization_id = $1 AND app_id = $2 ${keyLookup("department_id", id)}) c ON true`;

const FIELDS = `coalesce(c.direct, 0) AS direct, coalesce(c.total, 0) AS total`;

const HAS_CHILDREN = (id: string) => `
  LEFT JOIN LATERAL (
    SELECT true AS is_present FROM department
    WHERE organization_id = $1 AND app_id = $2 ${keyLookup("parent_id", id, 1, "AND removed_at IS NULL")}) grand ON true`;

const BY_ID = `
  SELECT d.department_id::text AS id, d.name, ${FIELDS}, grand.is_present IS NOT NULL AS "hasChildren"
  FROM (${departmentsByIdSql("d.*")}) d ${COUNT("d.department_id")} ${HAS_CHILDREN("d.department_id")}
  WHERE d.removed_at IS NULL ORDER BY total DESC, d.department_id`;

/** The largest children of departments, with the totals of all children. */
const BELOW = `
  WITH child AS MATERIALIZED (
    SELECT k.department_id, k.parent_id, k.name, ${FIELDS}
    FROM unnest($3::bigint[]) AS wanted (id) CROSS JOIN LATERAL (
      SELECT department_id, parent_id, name FROM department
      WHERE organization_id = $1 AND app_id = $2
        ${keyLookup("parent_id", "wanted.id", SIBLINGS_MAX, "AND removed_at IS NULL")}) k
    ${COUNT("k.department_id")}
  ), largest AS MATERIALIZED (
    SELECT *, count(*) OVER (PARTITION BY parent_id)::int AS siblings,
      sum(total) OVER (PARTITION BY parent_id)::int AS people
    FROM child ORDER BY total DESC, department_id LIMIT ${NODES_MAX}
  )
  SELECT department_id::text AS id, parent_id::text AS "parentId", name, direct, total, siblings, people,
    grand.is_present IS NOT NULL AS "hasChildren"
  FROM largest ${HAS_CHILDREN("largest.department_id")} ORDER BY total DESC, department_id`;

type HeadcountRow = Pick<Headcount, "id" | "name" | "direct" | "total" | "hasChildren">;
type Child = HeadcountRow & {
  readonly id: string;
  readonly parentId: string;
  readonly siblings: number;
  readonly people: number;
};

const readById = async (
  { client, scope }: DirectoryReader,
  ids: readonly string[],
): Promise<HeadcountRow[]> => (await client.query<HeadcountRow>(BY_ID, [...scope, ids])).rows;

async function readLevels(
  { client, scope }: DirectoryReader,
  roots: readonly HeadcountRow[],
  depth: number,
): Promise<Child[][]> {
  const levels: Child[][] = [];
  let parents: readonly HeadcountRow[] = roots;
  while (levels.length < depth && parents.some(({ hasChildren }) => hasChildren)) {
    const ids = parents.filter(({ hasChildren }) => hasChildren).map(({ id }) => id);
    const { rows } = await client.query<Child>(BELOW, [...scope, ids]);
    levels.push(rows);
    parents = rows;
  }
  return levels;
}

/** Selects the largest departments of all levels that fit into the response. Includes a department only with its parent. */
function choose(
  levels: readonly (readonly Child[])[],
  roots: readonly HeadcountRow[],
): Map<string | null, Child[]> {
  const chosenIds = new Set(roots.map(({ id }) => id));
  const chosen = new Map<string | null, Child[]>();
  let bytes = 0;
  // The sort is stable: of equal sizes, parents come first.
  for (const child of levels.flat().sort((a, b) => b.total - a.total)) {
    if (!chosenIds.has(child.parentId) || chosenIds.has(child.id)) continue;
    bytes += Buffer.byteLength(JSON.stringify(child.name)) + 110;
    if (chosenIds.size >= NODES_MAX || bytes > BYTES_MAX) break;
    chosenIds.add(child.id);
    chosen.set(child.parentId, [...(chosen.get(child.parentId) ?? []), child]);
  }
  return chosen;
}

function nest(
  { id, name, direct, total, hasChildren }: HeadcountRow,
  chosen: ReadonlyMap<string | null, Child[]>,
): Headcount {
  const node = { id, name, direct, total, hasChildren };
  const below = chosen.get(id);
  if (!below?.[0]) return node;
  const [{ siblings, people }] = below as [Child];
  const rest = {
    departments: siblings - below.length,
    people: people - below.reduce((sum, child) => sum + child.total, 0),
  };
  return {
    ...node,
    children: below.map((child) => nest(child, chosen)),
    ...(rest.departments > 0 && { rest }),
  };
}

async function below(reader: DirectoryReader, root: HeadcountRow): Promise<Headcount> {
  return nest(root, choose(await readLevels(reader, [root], DEPTH), [root]));
}

/** Joins several roots under a nameless node without members of its own. */
async function aboveAll(
  reader: DirectoryReader,
  roots: readonly HeadcountRow[],
  count: number,
): Promise<Headcount> {
  const { client, scope } = reader;
  const { rows } = await client.query<{ members: number }>(
    "SELECT members FROM directory WHERE organization_id = $1 AND app_id = $2",
    [...scope],
  );
  const chosen = choose(await readLevels(reader, roots, DEPTH - 1), roots);
  return {
    id: null,
    name: "",
    direct: 0,
    total: rows[0]?.members ?? roots.reduce((sum, { total }) => sum + total, 0),
    hasChildren: roots.length > 0,
    children: roots.map((root) => nest(root, chosen)),
    ...(count > roots.length && { rest: { departments: count - roots.length, people: 0 } }),
  };
}

/**
 * Returns the largest departments below a department, in four levels and at most 150 kB.
 * @param rootId the whole directory when absent, or its only root
 */
export function readHeadcount(
  actor: Actor<"directory.read">,
  appId: string,
  { root: rootId, locale }: { readonly root?: string | undefined; readonly locale: string },
): Promise<HeadcountChart> {
  return inDirectory(actor, appId, async (reader) => {
    const page = rootId === undefined ? await readChildren(reader, { locale }) : null;
    const roots = await readById(reader, page ? page.items.map(({ id }) => id) : [rootId ?? ""]);
    const [root] = roots;
    if (page && roots.length !== 1) return { path: [], root: await aboveAll(reader, roots, page.total) };
    if (!root?.id) throw notFound("department");
    return { path: await pathTo(reader, root.id), root: await below(reader, root) };
  });
}
