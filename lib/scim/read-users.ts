import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { getPerson, readFieldRules } from "@/lib/directory/members/list-people";
import type { PersonalAccess } from "@/lib/directory/personal/visibility";
import { type DirectoryReader, inDirectory } from "@/lib/directory/reader/directory-reader";
import { EVERYBODY, peopleById, peopleSql, queryPeople } from "@/lib/directory/reader/people";
import { findByNameClauses } from "@/lib/directory/search/match-names";
import { notFound } from "@/lib/errors";
import { userConditions, userNames } from "./filter-conditions";
import { countFound, type Paging, pageStartOf, recordPageEnd } from "./paging";
import { parseFilter } from "./parse-filter";
import type { Resource } from "./requested-attributes";
import { fromScimId } from "./scim-ids";
import { type Base, toUser } from "./to-user";

export type Reader = { readonly actor: Actor<"directory.read">; readonly personal: PersonalAccess };
export type ListOf = { readonly resources: readonly Resource[]; readonly total: number };

/** Returns a page of an app's members as users, in the order of their ids. @throws {ScimRefusal}; {AppError} `not_found` */
export const listUsers = ({ actor, personal }: Reader, base: Base, paging: Paging): Promise<ListOf> =>
  inDirectory(actor, base.appId, (reader) => readUsers(reader, { base, personal, paging }));

export async function readUsers(
  reader: DirectoryReader,
  { base, personal, paging }: { readonly base: Base; readonly paging: Paging } & Pick<Reader, "personal">,
): Promise<ListOf> {
  const { appId } = base;
  const page = { appId, resource: "user", ...paging } as const;
  const rules = await readFieldRules(reader, personal);
  const values: unknown[] = [];
  const add = (value: unknown) => `$${values.push(value) + 2}`;
  const clauses = paging.filter === "" ? [] : parseFilter(paging.filter);
  const conditions = userConditions(clauses, { appId, mapping: rules.mapping, add });
  const named = await findByNameClauses(reader, "member", userNames(clauses, rules.mapping));
  const from = named ? peopleById(add(named)) : EVERYBODY;
  const total = await countFound(reader, "members", { from, conditions, values });
  if (paging.count === 0) return { resources: [], total };
  const nowMs = Date.now();
  const { after, offset } = pageStartOf(page, nowMs);
  const all = [
    "m.removed_at IS NULL",
    ...conditions,
    ...(after === null ? [] : [`m.user_id > ${add(after)}`]),
  ];
  const sql = peopleSql({
    from,
    where: `AND ${all.join(" AND ")}`,
    orderBy: "m.user_id",
    limit: `LIMIT ${add(paging.count)} OFFSET ${add(offset)}`,
  });
  const people = await queryPeople(reader, sql, { values, personal: rules.personal });
  recordPageEnd(
    page,
    people.map(({ userId }) => userId),
    nowMs,
  );
  return { resources: people.map((person) => toUser(person, rules.mapping, base)), total };
}

/** Returns a member as a user, by its SCIM id. @throws {AppError} `not_found` */
export async function getUser({ actor, personal }: Reader, base: Base, id: string): Promise<Resource> {
  const userId = fromScimId("user", base.appId, id);
  if (userId === null) throw notFound("user");
  const { person, rules } = await getPerson(actor, base.appId, { userId, personal });
  return toUser(person, rules.mapping, base);
}
