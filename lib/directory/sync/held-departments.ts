import "server-only";
import { inOrganizationSql, LIMITS } from "@/lib/db/unit-of-work";
import type { JsonValue } from "@/lib/dingtalk/read-json";
import { canonicalJson } from "../changes/states";
import type { AppRef } from "../refs";
import type { HeldDepartment } from "./plan";
import type { HeldParents } from "./reading/chosen";

type Row = Omit<HeldDepartment, "extra" | "details"> & {
  readonly extra: JsonValue;
  readonly details: JsonValue;
};

/** All rows of an app's directory, the removed ones too. */
export async function loadHeldDepartments(app: AppRef): Promise<ReadonlyMap<string, HeldDepartment>> {
  const { rows } = await inOrganizationSql(
    app,
    (client) =>
      client.query<Row>(
        `SELECT department_id::text AS "departmentId", parent_id::text AS "parentId", name, "order"::text,
           source_identifier AS "sourceIdentifier", extra, details, removed_at IS NOT NULL AS "isRemoved",
           kept_at IS NOT NULL AS "isKept", since_revision AS "sinceRevision",
           (extract(epoch FROM details_at) * 1000)::float8 AS "detailsAtMs"
         FROM department WHERE organization_id = $1 AND app_id = $2`,
        [app.organizationId, app.appId],
      ),
    LIMITS.bulk,
  );
  return new Map(
    rows.map((row) => [
      row.departmentId,
      {
        ...row,
        extra: canonicalJson(row.extra),
        details: row.details === null ? null : canonicalJson(row.details),
      },
    ]),
  );
}

/** Where those stand that are not removed. */
export function heldParents(held: ReadonlyMap<string, HeldDepartment>): HeldParents {
  const parents = new Map<string, string | null>();
  for (const [id, { parentId, isRemoved }] of held) if (!isRemoved) parents.set(id, parentId);
  return parents;
}
