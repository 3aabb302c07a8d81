import "server-only";
import { NOTHING_CONFLICTS } from "@/lib/db/nothing-conflicts";
import { chunks } from "../bulk-rows";
import { type ApplyContext, setValues } from "./change-set";

/** The set's pending changes of departments. Materialized, so that PostgreSQL joins from them to the tables. */
const CHANGES = `
  WITH c AS MATERIALIZED (
    SELECT object_id::bigint AS department_id, kind, after FROM directory_change
    WHERE organization_id = $1 AND app_id = $2 AND set_id = $3 AND object = 'department' AND outcome IS NULL
  )`;

/** Copies the rows to the history. A removed row has no state to keep. */
const CLOSE = `${CHANGES}
  INSERT INTO department_past (organization_id, app_id, department_id, from_revision, to_revision, parent_id, name, "order",
    source_identifier, details)
  SELECT $1, $2, d.department_id, d.since_revision, $4::int, d.parent_id, d.name, d."order",
    d.source_identifier, d.details
  FROM c JOIN department d ON d.organization_id = $1 AND d.app_id = $2 AND d.department_id = c.department_id
  WHERE d.removed_at IS NULL ${NOTHING_CONFLICTS}`;

/** A department that returns is the same row as before, and keeps `first_seen_at`. */
const WRITE = `${CHANGES}
  INSERT INTO department AS stored (organization_id, app_id, department_id, parent_id, name, "order", source_identifier, extra,
    details, details_at, since_revision, first_seen_at, changed_at, kept_at)
  SELECT $1, $2, c.department_id, (c.after ->> 'parentId')::bigint, c.after ->> 'name',
    (c.after ->> 'order')::bigint, c.after ->> 'sourceIdentifier', c.after -> 'extra', nullif(c.after -> 'details', 'null'),
    CASE WHEN c.after -> 'details' <> 'null' THEN now() END, $4::int, now(), now(),
    CASE WHEN c.kind = 'restored' THEN now() END
  FROM c WHERE c.after IS NOT NULL
  ORDER BY c.department_id
  ON CONFLICT (organization_id, app_id, department_id) DO UPDATE SET
    parent_id = EXCLUDED.parent_id, name = EXCLUDED.name, "order" = EXCLUDED."order",
    source_identifier = EXCLUDED.source_identifier, extra = EXCLUDED.extra, details = EXCLUDED.details,
    details_at = CASE WHEN stored.details IS DISTINCT FROM EXCLUDED.details THEN EXCLUDED.changed_at ELSE stored.details_at END,
    since_revision = EXCLUDED.since_revision, changed_at = EXCLUDED.changed_at, removed_at = NULL,
    kept_at = coalesce(EXCLUDED.kept_at, CASE WHEN stored.removed_at IS NULL THEN stored.kept_at END)`;

const REMOVE = `${CHANGES}
  UPDATE department d SET removed_at = now(), changed_at = now(), since_revision = $4::int, kept_at = NULL
  FROM c WHERE c.kind = 'removed' AND d.organization_id = $1 AND d.app_id = $2 AND d.department_id = c.department_id`;

/** Applies a set's changes of departments. No order is needed, because no foreign key refers to a parent. */
export async function applyDepartments(context: ApplyContext): Promise<void> {
  for (const statement of [CLOSE, WRITE, REMOVE]) {
    await context.client.query(statement, [...setValues(context)]);
  }
}

/** Records that details were read, also unchanged ones. Skips details read within a day, since their age counts in days. */
export async function recordDetailsRead(
  { client, set }: Pick<ApplyContext, "client" | "set">,
  departmentIds: readonly string[],
): Promise<void> {
  for (const ids of chunks(departmentIds)) {
    await client.query(
      `UPDATE department SET details_at = now()
       WHERE organization_id = $1 AND app_id = $2 AND department_id = ANY($3::bigint[])
         AND coalesce(details_at, '-infinity') < now() - interval '1 day'`,
      [set.organizationId, set.appId, ids],
    );
  }
}
