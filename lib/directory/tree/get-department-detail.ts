import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { notFound } from "@/lib/errors";
import { pathTo } from "./path-to";
import { inDirectory, type Place } from "./place";
import type { DepartmentDetail } from "./schema";

const DETAIL = `
  SELECT d.department_id::text AS id, d.name, d.parent_id::text AS "parentId", d.source_identifier AS "sourceIdentifier",
    d.first_seen_at AS "firstSeenAt", app.last_seen_at AS "lastSeenAt",
    (SELECT count(*) FROM department k
      WHERE k.organization_id = $1 AND k.app_id = $2 AND k.parent_id = d.department_id AND k.removed_at IS NULL)::int
      AS "childCount"
  FROM department d
  JOIN dingtalk_app app ON app.organization_id = d.organization_id AND app.id = d.app_id
  WHERE d.organization_id = $1 AND d.app_id = $2 AND d.department_id = $3::bigint AND d.removed_at IS NULL`;

type Row = Omit<DepartmentDetail, "path" | "firstSeenAt" | "lastSeenAt"> & {
  firstSeenAt: Date;
  lastSeenAt: Date | null;
};

/** `null` for a department that isn't there, or is removed. */
export async function findDepartmentDetail(
  place: Place,
  departmentId: string,
): Promise<DepartmentDetail | null> {
  const { rows } = await place.client.query<Row>(DETAIL, [...place.scope, departmentId]);
  const row = rows[0];
  if (!row) return null;
  return {
    ...row,
    firstSeenAt: row.firstSeenAt.toISOString(),
    lastSeenAt: row.lastSeenAt?.toISOString() ?? null,
    path: await pathTo(place, departmentId),
  };
}

/** @throws {AppError} `not_found`, for a removed department and for another organization's app too */
export function getDepartmentDetail(
  actor: Actor<"directory.read">,
  appId: string,
  departmentId: string,
): Promise<DepartmentDetail> {
  return inDirectory(actor, appId, async (place) => {
    const detail = await findDepartmentDetail(place, departmentId);
    if (!detail) throw notFound("department");
    return detail;
  });
}
