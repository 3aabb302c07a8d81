import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { MEMBERS_PER_PAGE } from "../page-sizes";
import type { DirectoryReader } from "../reader/directory-reader";
import { inDirectoryAt } from "../reader/readable-runs";
import { keyLookup, memberRows, placeRows } from "../reader/row-sql";
import { nameCollation } from "../reader/sibling-order";
import type { MemberPage, SeatedMember } from "./schema";

export type MembersOptions = {
  readonly department: string;
  /** The page begins after this member. When they have left the department, the first page is returned. */
  readonly after?: string | undefined;
  readonly limit?: number;
  readonly locale: string;
};

/** Orders leaders first, then by DingTalk's order (descending) and by name. */
const statement = (at: number | undefined, locale: string) => `
  WITH seat AS MATERIALIZED (
    SELECT s.user_id, s.title, s.is_leader, s."order" FROM ${placeRows(at)} s WHERE s.department_id = $3::bigint
  ), person AS MATERIALIZED (
    SELECT m.user_id, m.name, coalesce(seat.title, m.title) AS title, seat.is_leader IS TRUE AS is_leader, m.is_active,
      row_number() OVER (ORDER BY seat.is_leader IS TRUE DESC, seat."order" DESC NULLS LAST,
        m.name COLLATE "${nameCollation(locale)}", m.user_id) AS position
    FROM seat CROSS JOIN LATERAL (
      SELECT * FROM ${memberRows(at)} m WHERE m.is_present ${keyLookup("user_id", "seat.user_id")}) m
  ), page AS (
    SELECT * FROM person
    WHERE position > coalesce((SELECT position FROM person WHERE user_id = $4::text), 0) ORDER BY position LIMIT $5
  )
  SELECT page.user_id AS id, page.name, page.title, page.is_leader AS "isLeader", page.is_active AS "isActive", counted.total
  FROM (SELECT count(*)::int AS total FROM person) counted LEFT JOIN page ON true ORDER BY page.position`;

type Row = Omit<SeatedMember, "id"> & { readonly id: string | null; readonly total: number };

export async function readMembers(
  { client, scope, at }: DirectoryReader,
  { department, after, limit = MEMBERS_PER_PAGE, locale }: MembersOptions,
): Promise<MemberPage> {
  const { rows } = await client.query<Row>(statement(at, locale), [
    ...scope,
    department,
    after ?? null,
    limit,
  ]);
  const items = rows.flatMap(({ id, name, title, isLeader, isActive }): SeatedMember[] =>
    id === null ? [] : [{ id, name, title, isLeader, isActive }],
  );
  return { items, total: rows[0]?.total ?? 0 };
}

/** Returns a page of the members of a department itself. @param at the run to read the directory after */
export function listDepartmentMembers(
  actor: Actor<"directory.read">,
  appId: string,
  { at, ...options }: MembersOptions & { readonly at?: string | undefined },
): Promise<MemberPage> {
  return inDirectoryAt(actor, appId, at, (reader) => readMembers(reader, options));
}
