import "server-only";
import type { AppRef } from "@/lib/app-ref";
import { inOrganizationSql, LIMITS } from "@/lib/db/unit-of-work";
import type { JsonValue } from "@/lib/dingtalk/read-json";
import { canonicalJson } from "../../canonical-json";
import type { HeldDepartment } from "../plan/diff-departments";
import type { HeldParents } from "./chosen";

type Row = Omit<HeldDepartment, "extra" | "details"> & {
  readonly extra: JsonValue;
  readonly details: JsonValue;
};

/** What is open in a row is an object before it is a text: so many at a time. */
const ROWS_AT_ONCE = 5_000;

const ROWS = `
  SELECT department_id::text AS "departmentId", parent_id::text AS "parentId", name, "order"::text,
    source_identifier AS "sourceIdentifier", extra, details, removed_at IS NOT NULL AS "isRemoved",
    kept_at IS NOT NULL AS "isKept", since_revision AS "sinceRevision",
    (extract(epoch FROM details_at) * 1000)::float8 AS "detailsAtMs"
  FROM department WHERE organization_id = $1 AND app_id = $2 AND department_id > $3::bigint
  ORDER BY department_id LIMIT ${ROWS_AT_ONCE}`;

/** All rows of an app's directory, the removed ones too. */
export function loadHeldDepartments(app: AppRef): Promise<ReadonlyMap<string, HeldDepartment>> {
  return inOrganizationSql(
    app,
    async (client) => {
      const held = new Map<string, HeldDepartment>();
      for (let last: string | undefined = "0"; last !== undefined; ) {
        const { rows }: { rows: Row[] } = await client.query<Row>(ROWS, [
          app.organizationId,
          app.appId,
          last,
        ]);
        for (const row of rows) held.set(row.departmentId, toHeld(row));
        last = rows.length < ROWS_AT_ONCE ? undefined : rows.at(-1)?.departmentId;
      }
      return held;
    },
    LIMITS.bulk,
  );
}

const toHeld = (row: Row): HeldDepartment => ({
  ...row,
  extra: canonicalJson(row.extra),
  details: row.details === null ? null : canonicalJson(row.details),
});

/** Where those stand that are not removed. */
export function heldParents(held: ReadonlyMap<string, HeldDepartment>): HeldParents {
  const parents = new Map<string, string | null>();
  for (const [id, { parentId, isRemoved }] of held) if (!isRemoved) parents.set(id, parentId);
  return parents;
}
