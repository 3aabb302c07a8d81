import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { encodeCursor } from "@/lib/pagination/cursor";
import { REMOVED_PER_PAGE } from "../page-sizes";
import { type DirectoryReader, inDirectory } from "../reader/directory-reader";
import { pathsTo } from "../reader/paths";
import { readSettings } from "../settings/directory-settings";
import { isRestorable } from "./restorable";
import type { RemovedQuery } from "./schema";

export type RemovedCounts = { readonly departments: number; readonly members: number };

export type RemovedItem = {
  readonly id: string;
  readonly name: string;
  readonly removedAt: Date;
  readonly until: Date;
  readonly path: readonly string[];
};

export type RemovedPage = {
  readonly items: readonly RemovedItem[];
  /** The `after` of the next page; `null` on the last page. */
  readonly next: string | null;
  readonly counts: RemovedCounts;
  readonly days: number;
};

const COUNT = `
  SELECT (SELECT count(*) FROM department WHERE organization_id = $1 AND app_id = $2 AND ${isRestorable("$3")})::int
      AS departments,
    (SELECT count(*) FROM member WHERE organization_id = $1 AND app_id = $2 AND ${isRestorable("$3")}
      AND erased_at IS NULL)::int AS members`;

export async function countRemoved(
  { client, scope }: DirectoryReader,
  removedDays: number,
): Promise<RemovedCounts> {
  const { rows } = await client.query<RemovedCounts>(COUNT, [...scope, removedDays]);
  return rows[0] ?? { departments: 0, members: 0 };
}

type Listing = {
  readonly table: string;
  readonly id: string;
  readonly idType: string;
  readonly placeId: string;
  readonly which?: string;
};

/** Selects removed objects, newest first. `$4` and `$5`: time and id of the last object of the previous page. */
const list = ({ table, id, idType, placeId, which = "true" }: Listing) => `
  SELECT ${id}::text AS id, name, removed_at AS "removedAt", removed_at + make_interval(days => $3) AS until,
    ${placeId} AS "placeId"
  FROM ${table} item
  WHERE organization_id = $1 AND app_id = $2 AND ${isRestorable("$3")} AND ${which}
    AND ($4::timestamptz IS NULL OR (removed_at <= $4::timestamptz
      AND (removed_at < $4::timestamptz OR ${id} > $5::${idType})))
  ORDER BY removed_at DESC, ${id} LIMIT ${REMOVED_PER_PAGE + 1}`;

const LIST = {
  department: list({
    table: "department",
    id: "department_id",
    idType: "bigint",
    placeId: "parent_id::text",
  }),
  member: list({
    table: "member",
    id: "user_id",
    idType: "text",
    placeId: `(SELECT min(p.department_id)::text FROM place_past p WHERE p.organization_id = $1 AND p.app_id = $2
      AND p.user_id = item.user_id AND p.to_revision = item.since_revision)`,
    which: "erased_at IS NULL",
  }),
};

type Row = Omit<RemovedItem, "path"> & { readonly placeId: string | null };

async function readPage(reader: DirectoryReader, { object, after }: RemovedQuery, removedDays: number) {
  const values = [...reader.scope, removedDays, after?.at ?? null, after?.id ?? null];
  const { rows } = await reader.client.query<Row>(LIST[object], values);
  const shown = rows.slice(0, REMOVED_PER_PAGE);
  const ids = shown.flatMap(({ placeId }) => placeId ?? []);
  const paths = await pathsTo(reader, [...new Set(ids)], { includeRemoved: true });
  const items = shown.map(({ placeId, ...item }) => ({
    ...item,
    path: (paths.get(placeId ?? "") ?? []).map(({ name }) => name),
  }));
  const last = rows.length > REMOVED_PER_PAGE ? shown.at(-1) : undefined;
  return { items, next: last ? encodeCursor(last.removedAt.getTime(), last.id) : null };
}

/** Returns a page of the departments or members that can be restored. */
export function listRemoved(
  actor: Actor<"directory.read">,
  appId: string,
  query: RemovedQuery,
): Promise<RemovedPage> {
  return inDirectory(actor, appId, async (reader) => {
    const [organizationId] = reader.scope;
    const { removedDays } = await readSettings(reader.client, { organizationId, appId });
    const counts = await countRemoved(reader, removedDays);
    return { ...(await readPage(reader, query, removedDays)), counts, days: removedDays };
  });
}
