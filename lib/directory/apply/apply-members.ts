import "server-only";
import { NOTHING_CONFLICTS } from "@/lib/db/nothing-conflicts";
import { keepsPersonal } from "../personal/storage-setting";
import { type ApplyContext, setValues } from "./change-set";

const CHANGES = `
  WITH c AS MATERIALIZED (
    SELECT object_id AS user_id, kind, before, after FROM directory_change
    WHERE organization_id = $1 AND app_id = $2 AND set_id = $3 AND object = 'member' AND outcome IS NULL
  )`;

const CLOSE = `${CHANGES}
  INSERT INTO member_past (organization_id, app_id, user_id, from_revision, to_revision, name, title, job_number, is_active)
  SELECT $1, $2, m.user_id, m.since_revision, $4::int, m.name, m.title, m.job_number, m.is_active
  FROM c JOIN member m ON m.organization_id = $1 AND m.app_id = $2 AND m.user_id = c.user_id
  WHERE m.removed_at IS NULL ${NOTHING_CONFLICTS}`;

const WRITE = `${CHANGES}
  INSERT INTO member AS stored (organization_id, app_id, user_id, union_id, name, title, job_number, is_active, is_admin,
    is_boss, is_exclusive, hides_mobile, other_fields, personal_id, since_revision, first_seen_at, changed_at, kept_at)
  SELECT $1, $2, c.user_id, c.after ->> 'unionId', c.after ->> 'name', c.after ->> 'title',
    c.after ->> 'jobNumber', (c.after ->> 'isActive')::boolean, (c.after ->> 'isAdmin')::boolean,
    (c.after ->> 'isBoss')::boolean, (c.after ->> 'isExclusive')::boolean, (c.after ->> 'hidesMobile')::boolean,
    ARRAY(SELECT jsonb_array_elements_text(c.after -> 'otherFields')),
    CASE WHEN $5 THEN (c.after ->> 'personalId')::uuid END,
    $4::int, now(), now(), CASE WHEN c.kind = 'restored' THEN now() END
  FROM c WHERE c.after IS NOT NULL
  ORDER BY c.user_id
  ON CONFLICT (organization_id, app_id, user_id) DO UPDATE SET
    union_id = EXCLUDED.union_id, name = EXCLUDED.name, title = EXCLUDED.title, job_number = EXCLUDED.job_number,
    is_active = EXCLUDED.is_active, is_admin = EXCLUDED.is_admin, is_boss = EXCLUDED.is_boss,
    is_exclusive = EXCLUDED.is_exclusive, hides_mobile = EXCLUDED.hides_mobile, other_fields = EXCLUDED.other_fields,
    personal_id = EXCLUDED.personal_id, since_revision = EXCLUDED.since_revision, changed_at = EXCLUDED.changed_at,
    removed_at = NULL, erased_at = NULL,
    kept_at = coalesce(EXCLUDED.kept_at, CASE WHEN stored.removed_at IS NULL THEN stored.kept_at END)`;

/** Keeps the row, so that the member can be restored. The history has their departments. */
const REMOVE = `${CHANGES}
  UPDATE member m SET removed_at = now(), changed_at = now(), since_revision = $4::int, kept_at = NULL
  FROM c WHERE c.kind = 'removed' AND m.organization_id = $1 AND m.app_id = $2 AND m.user_id = c.user_id`;

const LEAVE = `${CHANGES}, left_place AS (
    DELETE FROM member_place p USING c
    WHERE c.before IS NOT NULL AND c.before -> 'places' IS DISTINCT FROM coalesce(c.after -> 'places', '[]')
      AND p.organization_id = $1 AND p.app_id = $2 AND p.user_id = c.user_id
      AND NOT EXISTS (SELECT FROM jsonb_array_elements(coalesce(c.after -> 'places', '[]')) AS place
        WHERE (place ->> 'departmentId')::bigint = p.department_id AND place ->> 'title' IS NOT DISTINCT FROM p.title
          AND (place ->> 'isLeader')::boolean IS NOT DISTINCT FROM p.is_leader
          AND (place ->> 'order')::bigint IS NOT DISTINCT FROM p."order")
    RETURNING p.department_id, p.user_id, p.since_revision, p.title, p.is_leader, p."order"
  )
  INSERT INTO place_past (organization_id, app_id, department_id, user_id, from_revision, to_revision, title, is_leader, "order")
  SELECT $1, $2, department_id, user_id, since_revision, $4::int, title, is_leader, "order" FROM left_place
  ${NOTHING_CONFLICTS}`;

const ENTER = `${CHANGES}
  INSERT INTO member_place (organization_id, app_id, department_id, user_id, title, is_leader, "order", since_revision)
  SELECT $1, $2, place."departmentId"::bigint, c.user_id, place.title, place."isLeader", place."order"::bigint, $4::int
  FROM c CROSS JOIN LATERAL jsonb_to_recordset(c.after -> 'places')
    AS place ("departmentId" text, title text, "isLeader" boolean, "order" text)
  WHERE c.after IS NOT NULL AND (c.before IS NULL OR c.before -> 'places' IS DISTINCT FROM c.after -> 'places')
  ON CONFLICT (organization_id, app_id, department_id, user_id) DO NOTHING`;

export async function applyMembers(context: ApplyContext): Promise<void> {
  const { client, set } = context;
  const values = [...setValues(context)];
  await client.query(CLOSE, values);
  await client.query(WRITE, [...values, await keepsPersonal(client, set)]);
  for (const statement of [REMOVE, LEAVE, ENTER]) await client.query(statement, values);
}
