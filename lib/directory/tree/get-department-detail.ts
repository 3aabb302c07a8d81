import "server-only";
import type { Actor } from "@/lib/auth/actor";
import type { JsonValue } from "@/lib/dingtalk/read-json";
import { notFound } from "@/lib/errors";
import type { DirectoryReader } from "../reader/directory-reader";
import { pathTo } from "../reader/paths";
import { memberNames } from "../reader/people";
import { inDirectoryAt } from "../reader/readable-runs";
import { departmentRows, placeRows } from "../reader/row-sql";
import type { DepartmentDetail } from "./schema";

/** Columns that differ between the present and the past, for which only direct members can be counted. */
const COLUMNS_AT = {
  present: `stored.extra, stored.details_at AS "detailsAt", stored.kept_at AS "keptAt",
    coalesce(counted.direct, 0) AS "directPeople", coalesce(counted.total, 0) AS "allPeople"`,
  past: (
    at: number,
  ) => `'{}'::jsonb AS extra, NULL::timestamptz AS "detailsAt", NULL::timestamptz AS "keptAt",
    (SELECT count(*) FROM ${placeRows(at)} s WHERE s.department_id = d.department_id)::int AS "directPeople",
    NULL::int AS "allPeople"`,
};

const statement = (at: number | undefined) => `
  SELECT d.department_id::text AS id, d.name, d.parent_id::text AS "parentId", d.source_identifier AS "sourceIdentifier",
    d.details, stored.first_seen_at AS "firstSeenAt", app.last_seen_at AS "lastSeenAt",
    (SELECT count(*) FROM ${departmentRows(at)} k WHERE k.parent_id = d.department_id AND k.is_present)::int AS "childCount",
    ${at === undefined ? COLUMNS_AT.present : COLUMNS_AT.past(at)}
  FROM ${departmentRows(at)} d
  JOIN department stored ON stored.organization_id = $1 AND stored.app_id = $2 AND stored.department_id = d.department_id
  JOIN dingtalk_app app ON app.organization_id = $1 AND app.id = $2
  LEFT JOIN department_count counted
    ON counted.organization_id = $1 AND counted.app_id = $2 AND counted.department_id = d.department_id
  WHERE d.department_id = $3::bigint AND d.is_present`;

type Timestamps = "firstSeenAt" | "lastSeenAt" | "detailsAt" | "keptAt";
type Row = Omit<DepartmentDetail, "path" | "managers" | "details" | Timestamps> & {
  readonly [moment in Timestamps]: moment extends "firstSeenAt" ? Date : Date | null;
} & { readonly details: Readonly<Record<string, JsonValue>> | null };

const MANAGERS = "dept_manager_userid_list";
const MANAGERS_MAX = 50;

const textsOf = (value: JsonValue | undefined): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];

/** Returns `null` for an unknown or removed department. */
export async function findDepartmentDetail(
  reader: DirectoryReader,
  departmentId: string,
): Promise<DepartmentDetail | null> {
  const { rows } = await reader.client.query<Row>(statement(reader.at), [...reader.scope, departmentId]);
  const row = rows[0];
  if (!row) return null;
  const { [MANAGERS]: managers, ...details } = row.details ?? {};
  return {
    ...row,
    details: row.details && details,
    firstSeenAt: row.firstSeenAt.toISOString(),
    lastSeenAt: row.lastSeenAt?.toISOString() ?? null,
    detailsAt: row.detailsAt?.toISOString() ?? null,
    keptAt: row.keptAt?.toISOString() ?? null,
    managers: await memberNames(reader, textsOf(managers).slice(0, MANAGERS_MAX)),
    path: await pathTo(reader, departmentId),
  };
}

/** @throws {AppError} `not_found`, also for a removed department and for another organization's app */
export function getDepartmentDetail(
  actor: Actor<"directory.read">,
  appId: string,
  { id, at }: { readonly id: string; readonly at?: string | undefined },
): Promise<DepartmentDetail> {
  return inDirectoryAt(actor, appId, at, async (reader) => {
    const detail = await findDepartmentDetail(reader, id);
    if (!detail) throw notFound("department");
    return detail;
  });
}
