import "server-only";
import { inOrderAt } from "./parent-of";

const COLUMNS = `m.user_id, m.union_id, m.name, m.title, m.job_number, m.is_active, m.is_admin, m.is_boss, m.is_exclusive,
    m.hides_mobile, m.other_fields, m.personal_id, m.first_seen_at, m.changed_at, m.removed_at, m.erased_at`;

/** Nobody sits in more departments, or has more other apps: more aren't looked for. */
const OF_ONE_MAX = 1_000;

/** Which members: `m` is one; `$1` and `$2` are the scope's. */
type Among = {
  readonly from: string;
  readonly where: string;
  readonly orderBy: string;
  readonly limit: string;
};

export const EVERYBODY = "member m WHERE m.organization_id = $1 AND m.app_id = $2";

/**
 * Those who sit in a department, one index look-up each: `department` is a parameter's name. A range and its order, as
 * `inOrderAt` says why.
 */
export const peopleIn = (department: string): string => `member_place s
    CROSS JOIN LATERAL (
      SELECT * FROM member WHERE organization_id = $1 AND app_id = $2 ${inOrderAt("user_id", "s.user_id")}) m
    WHERE s.organization_id = $1 AND s.app_id = $2
      AND s.department_id >= ${department}::bigint AND s.department_id <= ${department}::bigint`;

/** Those who share a unionid: `unionId` is a parameter's name. */
export const peopleOf = (unionId: string): string => `(
    SELECT * FROM member WHERE organization_id = $1
      ${inOrderAt("union_id", unionId, OF_ONE_MAX, "AND app_id = $2")}) m WHERE true`;

/** Some by their ids, one index look-up each: `ids` is a parameter's name. */
export const peopleAmong = (ids: string): string => `unnest(${ids}::text[]) AS wanted (id)
    CROSS JOIN LATERAL (
      SELECT * FROM member WHERE organization_id = $1 AND app_id = $2 ${inOrderAt("user_id", "wanted.id")}) m
    WHERE true`;

/** In this order they are had without looking at anybody else. */
export const ORDER_IN = "s.department_id, s.user_id";

/**
 * Some members with where they sit and who they are in other apps. All of that is looked up for those few only, row by
 * row, whatever the planner thinks.
 */
export const peopleSql = ({ from, where, orderBy, limit }: Among): string => `
  WITH page AS MATERIALIZED (
    SELECT ${COLUMNS} FROM ${from} ${where} ORDER BY ${orderBy} ${limit}
  )
  SELECT page.user_id AS "userId", page.union_id AS "unionId", page.name, page.title, page.job_number AS "jobNumber",
    page.is_active AS "isActive", page.is_admin AS "isAdmin", page.is_boss AS "isBoss",
    page.is_exclusive AS "isExclusive", page.hides_mobile AS "hidesMobile",
    coalesce(page.other_fields, '{}') AS "otherFields", page.personal_id AS "personalId",
    page.first_seen_at AS "firstSeenAt", page.changed_at AS "changedAt", page.removed_at AS "removedAt",
    page.erased_at AS "erasedAt", coalesce(seat.places, '[]') AS places, coalesce(link.links, '[]') AS links
  FROM page
  LEFT JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_object('departmentId', p.department_id::text, 'department', d.name, 'title', p.title,
      'isLeader', p.is_leader, 'order', p."order"::text) ORDER BY p.department_id) AS places
    FROM (
      SELECT department_id, title, is_leader, "order" FROM member_place
      WHERE organization_id = $1 AND app_id = $2 ${inOrderAt("user_id", "page.user_id", OF_ONE_MAX)}) p
    LEFT JOIN LATERAL (
      SELECT name FROM department
      WHERE organization_id = $1 AND app_id = $2
        ${inOrderAt("department_id", "p.department_id", 1, "AND removed_at IS NULL")}) d ON true) seat ON true
  LEFT JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_object('appId', o.app_id, 'userId', o.user_id) ORDER BY o.app_id, o.user_id) AS links
    FROM (
      SELECT app_id, user_id FROM member
      WHERE organization_id = $1
        ${inOrderAt("union_id", "page.union_id", OF_ONE_MAX, "AND app_id <> $2 AND removed_at IS NULL")}) o
    WHERE EXISTS (SELECT FROM dingtalk_app a WHERE a.organization_id = $1 AND a.id = o.app_id)) link ON true
  ORDER BY page.user_id`;
