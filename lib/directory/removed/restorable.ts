import "server-only";
import { keyLookup } from "../reader/row-sql";

export type Removed = {
  readonly object: "department" | "member";
  readonly ids: readonly string[];
  /** For departments: also restores the removed departments and members below. */
  readonly withBelow: boolean;
};

export const isRestorable = (place: string, removedAt = "removed_at") =>
  `${removedAt} > now() - make_interval(days => ${place})`;

/**
 * `back`: the rows to restore, without erased members. A member's state comes from the change that removed them.
 * `keyLookup` finds each member, so that no plan is read as a whole.
 */
export const RESTORABLE = `
  WITH RECURSIVE below AS (
    SELECT department_id FROM department
    WHERE organization_id = $1 AND app_id = $2 AND ${isRestorable("$6")} AND department_id = ANY($3::bigint[])
    UNION
    SELECT d.department_id FROM below JOIN department d ON d.organization_id = $1 AND d.app_id = $2
      AND d.parent_id = below.department_id AND ${isRestorable("$6", "d.removed_at")} AND $5::boolean
  ), who AS MATERIALIZED (
    SELECT unnest($4::text[]) AS user_id
    UNION
    SELECT seat.user_id FROM below CROSS JOIN LATERAL (
      SELECT user_id FROM place_past
      WHERE organization_id = $1 AND app_id = $2
        AND department_id >= below.department_id AND department_id <= below.department_id
      ORDER BY department_id, user_id) seat
    WHERE $5::boolean
  ), back AS (
    SELECT 'department'::"DirectoryObject" AS object, d.department_id::text AS id, d.since_revision AS base,
      jsonb_build_object('parentId', d.parent_id::text, 'name', d.name, 'order', d."order"::text,
        'sourceIdentifier', d.source_identifier, 'extra', d.extra, 'details', d.details) AS after
    FROM department d JOIN below ON below.department_id = d.department_id
    WHERE d.organization_id = $1 AND d.app_id = $2
    UNION ALL
    SELECT 'member', m.user_id, m.since_revision, removal.before
    FROM who CROSS JOIN LATERAL (
      SELECT user_id, since_revision FROM member
      WHERE organization_id = $1 AND app_id = $2 AND ${isRestorable("$6")} AND erased_at IS NULL
        ${keyLookup("user_id", "who.user_id")}) m
    CROSS JOIN LATERAL (
      SELECT c.before FROM change_set s
      JOIN directory_change c ON c.organization_id = $1 AND c.app_id = $2 AND c.object_id = m.user_id AND c.set_id = s.id
      WHERE s.organization_id = $1 AND s.app_id = $2 AND s.revision = m.since_revision
        AND c.object = 'member' AND c.kind = 'removed' AND c.outcome IS NULL AND c.before IS NOT NULL LIMIT 1) removal
    WHERE m.user_id = ANY($4::text[]) OR ($5::boolean AND EXISTS (
      SELECT FROM jsonb_array_elements(removal.before -> 'places') AS place
      JOIN below ON below.department_id = (place ->> 'departmentId')::bigint))
  )`;

/** Parameters of `RESTORABLE` from `$3` on: departments, members, whether to restore what was below, and days. */
export const restorableValues = ({ object, ids, withBelow }: Removed, removedDays: number): unknown[] => [
  object === "department" ? ids : [],
  object === "member" ? ids : [],
  object === "department" && withBelow,
  removedDays,
];
