import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { AppError } from "@/lib/errors";
import { type DirectoryReader, inDirectory } from "../reader/directory-reader";
import { pathsTo } from "../reader/paths";
import { readSettings } from "../settings/directory-settings";
import { isRestorable, RESTORABLE, type Removed, restorableValues } from "./restorable";
import type { RemovedDetail } from "./schema";

/** The end of the restore period, if it isn't over. `$4`: its length in days. */
const until = (isErased: string) =>
  `CASE WHEN ${isRestorable("$4")} AND NOT ${isErased} THEN removed_at + make_interval(days => $4) END AS until`;

const FIND = {
  department: `
    SELECT department_id::text AS id, name, removed_at AS at, ${until("false")}, NULL::timestamptz AS "erasedAt",
      ARRAY[department_id::text] AS places FROM department
    WHERE organization_id = $1 AND app_id = $2 AND department_id = $3::bigint AND removed_at IS NOT NULL`,
  // Their last departments are only in past versions, up to the revision that removed them
  member: `
    SELECT user_id AS id, name, removed_at AS at, ${until("erased_at IS NOT NULL")}, erased_at AS "erasedAt", ARRAY(
      SELECT p.department_id::text FROM place_past p WHERE p.organization_id = $1 AND p.app_id = $2
        AND p.user_id = $3::text AND p.to_revision = m.since_revision AND m.erased_at IS NULL ORDER BY 1) AS places
    FROM member m WHERE organization_id = $1 AND app_id = $2 AND user_id = $3::text AND removed_at IS NOT NULL`,
};

type Row = {
  readonly id: string;
  readonly name: string;
  readonly at: Date;
  readonly until: Date | null;
  readonly erasedAt: Date | null;
  readonly places: readonly string[];
};

const COUNT = `${RESTORABLE} SELECT object::text AS object, count(*)::int AS n FROM back GROUP BY object`;

async function countBelow({ client, scope }: DirectoryReader, id: string, removedDays: number) {
  const removed: Removed = { object: "department", ids: [id], withBelow: true };
  const values = [...scope, ...restorableValues(removed, removedDays)];
  const { rows } = await client.query<{ object: string; n: number }>(COUNT, values);
  const of = (object: string) => rows.find((row) => row.object === object)?.n ?? 0;
  return { departments: Math.max(of("department") - 1, 0), members: of("member") };
}

/** Returns a removed object with counts of what a restore would bring back; `null` if none was removed. */
async function findRemoved(
  reader: DirectoryReader,
  object: Removed["object"],
  id: string,
): Promise<RemovedDetail | null> {
  const [organizationId, appId] = reader.scope;
  const { removedDays } = await readSettings(reader.client, { organizationId, appId });
  const { rows } = await reader.client.query<Row>(FIND[object], [organizationId, appId, id, removedDays]);
  const row = rows[0];
  if (!row) return null;
  const isCounted = object === "department" && row.until !== null;
  const paths = await pathsTo(reader, row.places, { includeRemoved: true });
  return {
    id: row.id,
    name: row.name,
    removed: {
      at: row.at.toISOString(),
      until: row.until?.toISOString() ?? null,
      erasedAt: row.erasedAt?.toISOString() ?? null,
      paths: [...paths.values()],
      below: isCounted ? await countBelow(reader, id, removedDays) : { departments: 0, members: 0 },
    },
  };
}

/** Returns the result of `found`, or the removed object when `found` fails with `not_found`. */
export async function orRemoved<T>(
  found: Promise<T>,
  actor: Actor<"directory.read">,
  appId: string,
  {
    object,
    id,
    at,
  }: { readonly object: Removed["object"]; readonly id: string; readonly at?: string | undefined },
): Promise<T | RemovedDetail> {
  try {
    return await found;
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "not_found" || at !== undefined) throw error;
    const removed = await inDirectory(actor, appId, (reader) => findRemoved(reader, object, id));
    if (!removed) throw error;
    return removed;
  }
}
