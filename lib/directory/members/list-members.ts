import "server-only";
import type { Actor } from "@/lib/auth/actor";
import type { DirectoryReader } from "../reader/directory-reader";
import { inDirectoryAt } from "../reader/in-directory-at";
import { inOrderAt } from "../reader/parent-of";
import { memberRows, placeRows } from "../reader/row-sql";
import { nameCollation } from "../reader/sibling-order";
import type { MemberPage, SeatedMember } from "./schema";

const MEMBERS_PER_PAGE = 200;

export type MembersOptions = {
  readonly department: string;
  /** The page begins after this person, who may have left meanwhile: then it is the first one. */
  readonly after?: string | undefined;
  readonly limit?: number;
  /** Whose order of names counts where DingTalk gave none. */
  readonly locale: string;
};

/** Leaders first; then by DingTalk's order, in which the greater comes first, and by name. */
const statement = (at: number | undefined, locale: string) => `
  WITH seat AS MATERIALIZED (
    SELECT s.user_id, s.title, s.is_leader, s."order" FROM ${placeRows(at)} s WHERE s.department_id = $3::bigint
  ), person AS MATERIALIZED (
    SELECT m.user_id, m.name, coalesce(seat.title, m.title) AS title, seat.is_leader IS TRUE AS is_leader, m.is_active,
      row_number() OVER (ORDER BY seat.is_leader IS TRUE DESC, seat."order" DESC NULLS LAST,
        m.name COLLATE "${nameCollation(locale)}", m.user_id) AS position
    FROM seat CROSS JOIN LATERAL (
      SELECT * FROM ${memberRows(at)} m WHERE m.is_there ${inOrderAt("user_id", "seat.user_id")}) m
  ), page AS (
    SELECT * FROM person
    WHERE position > coalesce((SELECT position FROM person WHERE user_id = $4::text), 0) ORDER BY position LIMIT $5
  )
  SELECT page.user_id AS id, page.name, page.title, page.is_leader AS "isLeader", page.is_active AS "isActive", counted.total
  FROM (SELECT count(*)::int AS total FROM person) counted LEFT JOIN page ON true ORDER BY page.position`;

type Row = Omit<SeatedMember, "id"> & { readonly id: string | null; readonly total: number };

/** `listMembers` inside a unit of work that is open already. */
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

/**
 * A page of the people who sit in a department itself.
 *
 * @param at the run after which they sat there; none: who sits there
 * @throws {AppError} `not_found` for an app that isn't the organization's, and for a run that can't be seen again
 */
export function listMembers(
  actor: Actor<"directory.read">,
  appId: string,
  { at, ...options }: MembersOptions & { readonly at?: string | undefined },
): Promise<MemberPage> {
  return inDirectoryAt(actor, appId, at, (reader) => readMembers(reader, options));
}
