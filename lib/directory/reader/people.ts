import "server-only";
import type { Member, PersonalValues } from "@/lib/dingtalk/members";
import { maskPersonal } from "../personal/mask-values";
import { openPersonal } from "../personal/sealed-values";
import type { PersonalVisibility } from "../personal/visibility";
import type { DirectoryReader } from "./directory-reader";
import { keyLookup, memberRows, PREFER_INDEX_ORDER } from "./row-sql";

export type PersonPlace = {
  readonly departmentId: string;
  /** The department's name; `null` for a department outside the app's scope. */
  readonly department: string | null;
  readonly title: string | null;
  readonly isLeader: boolean | null;
  readonly order: string | null;
};

export type Person = Omit<Member, "departmentIds" | "personal"> & {
  readonly places: readonly PersonPlace[];
  /** Members of the organization's other apps with the same unionid: most likely the same person. */
  readonly links: readonly { readonly appId: string; readonly userId: string }[];
  /** `null` when the caller may not read personal values or the organization doesn't store them. */
  readonly personal: PersonalValues | null;
  readonly firstSeenAt: Date;
  readonly changedAt: Date;
  readonly removedAt: Date | null;
  readonly erasedAt: Date | null;
};

const COLUMNS = `m.user_id, m.union_id, m.name, m.title, m.job_number, m.is_active, m.is_admin, m.is_boss, m.is_exclusive,
    m.hides_mobile, m.other_fields, m.personal_id, m.first_seen_at, m.changed_at, m.removed_at, m.erased_at`;

const RELATED_MAX = 1_000;

/** Selects members as `m`. `$1` and `$2` are the reader's scope. */
type PeopleSelection = {
  readonly from: string;
  readonly where: string;
  readonly orderBy: string;
  readonly limit: string;
};

export const EVERYBODY = "member m WHERE m.organization_id = $1 AND m.app_id = $2";

/** Selects the members of one department by index lookups. @param department a parameter, such as `$3` */
export const peopleInDepartment = (department: string): string => `member_place s
    CROSS JOIN LATERAL (
      SELECT * FROM member WHERE organization_id = $1 AND app_id = $2 ${keyLookup("user_id", "s.user_id")}) m
    WHERE s.organization_id = $1 AND s.app_id = $2
      AND s.department_id >= ${department}::bigint AND s.department_id <= ${department}::bigint`;

export const DEPARTMENT_ORDER = "s.department_id, s.user_id";

export const peopleWithUnionId = (unionId: string): string => `(
    SELECT * FROM member WHERE organization_id = $1
      ${keyLookup("union_id", unionId, RELATED_MAX, "AND app_id = $2")}) m WHERE true`;

export const peopleById = (ids: string): string => `unnest(${ids}::text[]) AS wanted (id)
    CROSS JOIN LATERAL (
      SELECT * FROM member WHERE organization_id = $1 AND app_id = $2 ${keyLookup("user_id", "wanted.id")}) m
    WHERE true`;

/** Returns a statement for a page of members. Lateral joins keep the lookups to the rows of the page. */
export const peopleSql = ({ from, where, orderBy, limit }: PeopleSelection): string => `
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
      WHERE organization_id = $1 AND app_id = $2 ${keyLookup("user_id", "page.user_id", RELATED_MAX)}) p
    LEFT JOIN LATERAL (
      SELECT name FROM department
      WHERE organization_id = $1 AND app_id = $2
        ${keyLookup("department_id", "p.department_id", 1, "AND removed_at IS NULL")}) d ON true) seat ON true
  LEFT JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_object('appId', o.app_id, 'userId', o.user_id) ORDER BY o.app_id, o.user_id) AS links
    FROM (
      SELECT app_id, user_id FROM member
      WHERE organization_id = $1
        ${keyLookup("union_id", "page.union_id", RELATED_MAX, "AND app_id <> $2 AND removed_at IS NULL")}) o
    WHERE EXISTS (SELECT FROM dingtalk_app a WHERE a.organization_id = $1 AND a.id = o.app_id)) link ON true
  ORDER BY page.user_id`;

type Row = Omit<Person, "personal"> & { readonly personalId: string | null };

/** Runs a `peopleSql` statement, and decrypts personal values as far as `personal` allows (S33). */
export async function queryPeople(
  { client, scope }: DirectoryReader,
  sql: string,
  { values, personal }: { readonly values: readonly unknown[]; readonly personal: PersonalVisibility },
): Promise<Person[]> {
  await client.query(PREFER_INDEX_ORDER);
  const { rows } = await client.query<Row>(sql, [...scope, ...values]);
  const isMasked = personal === "masked";
  const isVisible = isMasked || personal === "told";
  const ids = isVisible ? rows.flatMap(({ personalId }) => personalId ?? []) : [];
  const found =
    ids.length === 0
      ? []
      : (
          await client.query<{ id: string; sealed: Buffer }>(
            `SELECT id, sealed_values AS sealed FROM member_personal WHERE organization_id = $1 AND id = ANY ($2::uuid[])`,
            [scope[0], ids],
          )
        ).rows;
  const sealedOf = new Map(found.map(({ id, sealed }) => [id, sealed]));
  return rows.map(({ personalId, ...row }) => {
    const sealed = personalId === null ? undefined : sealedOf.get(personalId);
    const opened = sealed && personalId !== null ? openPersonal(scope[0], personalId, sealed) : {};
    return { ...row, personal: isVisible ? (isMasked ? maskPersonal(opened) : opened) : null };
  });
}

export type NamedMember = { readonly id: string; readonly name: string | null };

export async function memberNames(
  { client, scope, at }: DirectoryReader,
  userIds: readonly string[],
): Promise<NamedMember[]> {
  if (userIds.length === 0) return [];
  const { rows } = await client.query<{ id: string; name: string }>(
    `SELECT user_id AS id, name FROM ${memberRows(at)} m WHERE m.user_id = ANY ($3::text[]) AND m.is_present`,
    [...scope, userIds],
  );
  const nameOf = new Map(rows.map(({ id, name }) => [id, name]));
  return userIds.map((id) => ({ id, name: nameOf.get(id) ?? null }));
}
