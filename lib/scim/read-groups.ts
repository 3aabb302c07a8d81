import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { departmentId } from "@/lib/directory/ids";
import { type DirectoryReader, inDirectory } from "@/lib/directory/reader/directory-reader";
import { keyLookup, PREFER_INDEX_ORDER } from "@/lib/directory/reader/row-sql";
import { findByNameClauses } from "@/lib/directory/search/match-names";
import { notFound } from "@/lib/errors";
import { type AddValue, groupConditions, groupNames } from "./filter-conditions";
import { countFound, type Paging, pageStartOf, recordPageEnd } from "./paging";
import { parseFilter } from "./parse-filter";
import type { ListOf } from "./read-users";
import type { Resource } from "./requested-attributes";
import { fromScimId, toScimId } from "./scim-ids";
import { type Base, metaOf } from "./to-user";
import { URN } from "./urns";

/** Maximum of members of all groups on a page, which bounds the response. The first group is always included. */
const MEMBERS_OF_PAGE_MAX = 20_000;

/** More members or subdepartments than any department has. */
const MEMBERS_OF_ONE_MAX = 1_000_000;

type Row = {
  readonly id: string;
  readonly name: string;
  readonly created: Date;
  readonly changed: Date;
  readonly people: number;
};
type MemberRow = {
  readonly group: string;
  readonly type: "User" | "Group";
  readonly of: string;
  readonly display: string;
};

const ALL = "department d WHERE d.organization_id = $1 AND d.app_id = $2";

/** Selects departments by ids, one index lookup each. @param ids a parameter, such as `$3` */
const groupsAmong = (ids: string): string => `unnest(${ids}::bigint[]) AS wanted (id)
    CROSS JOIN LATERAL (
      SELECT * FROM department WHERE organization_id = $1 AND app_id = $2 ${keyLookup("department_id", "wanted.id")}) d
    WHERE true`;

const groupsSql = (from: string, where: string, limit: string) => `
  WITH page AS MATERIALIZED (
    SELECT d.department_id, d.name, d.first_seen_at, d.changed_at FROM ${from}
    AND d.removed_at IS NULL AND ${where}
    ORDER BY d.department_id ${limit}
  )
  SELECT page.department_id::text AS id, page.name, page.first_seen_at AS created, page.changed_at AS changed,
    coalesce(c.direct, 0) AS people
  FROM page LEFT JOIN LATERAL (
    SELECT direct FROM department_count
    WHERE organization_id = $1 AND app_id = $2 ${keyLookup("department_id", "page.department_id")}) c ON true
  ORDER BY page.department_id`;

const MEMBERS = `
  SELECT p.department_id::text AS "group", 'User' AS type, p.user_id AS of, m.name AS display
  FROM unnest($3::bigint[]) AS wanted (id)
  CROSS JOIN LATERAL (
    SELECT department_id, user_id FROM member_place
    WHERE organization_id = $1 AND app_id = $2 ${keyLookup("department_id", "wanted.id", MEMBERS_OF_ONE_MAX)}) p
  CROSS JOIN LATERAL (
    SELECT name FROM member WHERE organization_id = $1 AND app_id = $2 ${keyLookup("user_id", "p.user_id")}) m
  UNION ALL
  SELECT wanted.id::text, 'Group', d.department_id::text, d.name
  FROM unnest($3::bigint[]) AS wanted (id)
  CROSS JOIN LATERAL (
    SELECT department_id, name FROM department
    WHERE organization_id = $1 AND app_id = $2
      ${keyLookup("parent_id", "wanted.id", MEMBERS_OF_ONE_MAX, "AND removed_at IS NULL")}) d`;

function toGroup(row: Row, members: readonly MemberRow[] | null, base: Base): Resource {
  const id = toScimId("group", base.appId, row.id);
  const { created, changed } = row;
  return {
    schemas: [URN.group],
    id,
    externalId: row.id,
    displayName: row.name,
    ...(members && {
      members: members.map(({ type, of, display }) => {
        const value = toScimId(type === "User" ? "user" : "group", base.appId, of);
        return { value, $ref: `${base.url}/${type}s/${value}`, type, display };
      }),
    }),
    meta: metaOf(base, { type: "Group", id, created, changed }),
  };
}

function within(rows: readonly Row[]): Row[] {
  let people = 0;
  return rows.filter(({ people: own }, index) => {
    people += own;
    return index === 0 || people <= MEMBERS_OF_PAGE_MAX;
  });
}

async function withMembers(
  { client, scope }: DirectoryReader,
  rows: readonly Row[],
  base: Base,
): Promise<Resource[]> {
  await client.query(PREFER_INDEX_ORDER);
  const found = await client.query<MemberRow>(MEMBERS, [...scope, rows.map(({ id }) => id)]);
  const of = Map.groupBy(found.rows, ({ group }) => group);
  return rows.map((row) => toGroup(row, of.get(row.id) ?? [], base));
}

/**
 * Returns a page of departments as groups. With members it has at most 20,000 of them, unless one group has more.
 * @throws {ScimRefusal}; {AppError} `not_found`
 */
export const listGroups = (
  actor: Actor<"directory.read">,
  base: Base,
  paging: GroupPaging,
): Promise<ListOf> => inDirectory(actor, base.appId, (reader) => readGroups(reader, base, paging));

type GroupPaging = Paging & { readonly hasMembers: boolean };

export async function readGroups(
  reader: DirectoryReader,
  base: Base,
  { hasMembers, ...paging }: GroupPaging,
): Promise<ListOf> {
  const { appId } = base;
  const page = { appId, resource: "group", ...paging } as const;
  const values: unknown[] = [];
  const add: AddValue = (value) => `$${values.push(value) + 2}`;
  const clauses = paging.filter === "" ? [] : parseFilter(paging.filter);
  const conditions = groupConditions(clauses, { appId, add });
  const named = await findByNameClauses(reader, "department", groupNames(clauses));
  const from = named ? groupsAmong(add(named)) : ALL;
  // Reads in the order of the ids instead of sorting all departments
  await reader.client.query(PREFER_INDEX_ORDER);
  const total = await countFound(reader, "departments", { from, conditions, values });
  if (paging.count === 0) return { resources: [], total };
  const nowMs = Date.now();
  const { after, offset } = pageStartOf(page, nowMs);
  const all = ["true", ...conditions, ...(after === null ? [] : [`d.department_id > ${add(after)}::bigint`])];
  const sql = groupsSql(from, all.join(" AND "), `LIMIT ${add(paging.count)} OFFSET ${add(offset)}`);
  const { rows } = await reader.client.query<Row>(sql, [...reader.scope, ...values]);
  const given = hasMembers ? within(rows) : rows;
  recordPageEnd(
    page,
    given.map(({ id }) => id),
    nowMs,
  );
  const resources = hasMembers
    ? await withMembers(reader, given, base)
    : given.map((row) => toGroup(row, null, base));
  return { resources, total };
}

/** Returns a department as a group, by its SCIM id. @throws {AppError} `not_found` */
export function getGroup(
  actor: Actor<"directory.read">,
  base: Base,
  { id, hasMembers }: { readonly id: string; readonly hasMembers: boolean },
): Promise<Resource> {
  const found = departmentId.safeParse(fromScimId("group", base.appId, id));
  if (!found.success) throw notFound("group");
  return inDirectory(actor, base.appId, async (reader) => {
    const { rows } = await reader.client.query<Row>(groupsSql(ALL, "d.department_id = $3::bigint", ""), [
      ...reader.scope,
      found.data,
    ]);
    if (!rows[0]) throw notFound("group");
    const [group] = hasMembers ? await withMembers(reader, rows, base) : [toGroup(rows[0], null, base)];
    if (!group) throw notFound("group");
    return group;
  });
}
