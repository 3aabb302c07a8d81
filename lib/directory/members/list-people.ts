import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { notFound } from "@/lib/errors";
import type { Mapping } from "../mapping/default-mapping";
import { readMapping } from "../mapping/map-person";
import { type PersonalAccess, type PersonalVisibility, readPersonalVisibility } from "../personal/visibility";
import { type DirectoryReader, inDirectory } from "../reader/directory-reader";
import {
  DEPARTMENT_ORDER,
  EVERYBODY,
  type Person,
  peopleInDepartment,
  peopleSql,
  peopleWithUnionId,
  queryPeople,
} from "../reader/people";
import { readRevision } from "../revision";
import { nameCondition } from "../search/match-names";

export type FieldRules = { readonly mapping: Mapping; readonly personal: PersonalVisibility };

export type PeopleQuery = {
  /** Only members of this department itself. */
  readonly departmentId?: string | undefined;
  readonly unionId?: string | undefined;
  /** Includes members removed since then. */
  readonly updatedSince?: Date | undefined;
  /** Part of the name or its pinyin, its initials, the id or the job number. */
  readonly q?: string | undefined;
  readonly after?: string | undefined;
  readonly limit: number;
};

export type PeoplePage = {
  readonly people: readonly Person[];
  readonly next: string | null;
  readonly rules: FieldRules;
};

/** Reads the field rules in the same unit of work as the members they apply to. */
export async function readFieldRules(reader: DirectoryReader, access: PersonalAccess): Promise<FieldRules> {
  return { mapping: await readMapping(reader), personal: await readPersonalVisibility(reader, access) };
}

async function pageSql(reader: DirectoryReader, query: PeopleQuery) {
  const { departmentId, unionId, updatedSince, q, after, limit } = query;
  const values: unknown[] = [];
  const add = (value: unknown) => `$${values.push(value) + 2}`;
  const conditions: string[] = [];
  const inApp = () => (unionId === undefined ? EVERYBODY : peopleWithUnionId(add(unionId)));
  const from = departmentId === undefined ? inApp() : peopleInDepartment(add(departmentId));
  if (updatedSince === undefined) conditions.push("m.removed_at IS NULL");
  else conditions.push(`m.changed_at >= ${add(updatedSince)}`);
  if (unionId !== undefined && departmentId !== undefined) conditions.push(`m.union_id = ${add(unionId)}`);
  const order = departmentId === undefined ? "m.user_id" : "s.user_id";
  if (after !== undefined) conditions.push(`${order} > ${add(after)}`);
  if (q !== undefined) {
    const includeRemoved = updatedSince !== undefined;
    const { condition, value } = await nameCondition(reader, "member", { text: q, row: "m", includeRemoved });
    conditions.push(condition(add(value)));
  }
  const where = conditions.map((one) => `AND ${one}`).join(" ");
  return {
    sql: peopleSql({
      from,
      where,
      orderBy: departmentId === undefined ? order : DEPARTMENT_ORDER,
      limit: `LIMIT ${add(limit)}`,
    }),
    values,
  };
}

/** Returns a page of an app's members, in the order of their ids. */
export function listPeople(
  actor: Actor<"directory.read">,
  appId: string,
  { personal: access, ...query }: PeopleQuery & { readonly personal: PersonalAccess },
): Promise<PeoplePage> {
  return inDirectory(actor, appId, async (reader) => {
    const { limit } = query;
    const rules = await readFieldRules(reader, access);
    const { sql, values } = await pageSql(reader, { ...query, limit: limit + 1 });
    const found = await queryPeople(reader, sql, { values, personal: rules.personal });
    const people = found.slice(0, limit);
    const next = found.length > limit ? (people.at(-1)?.userId ?? null) : null;
    return { people, next, rules };
  });
}

/** @throws {AppError} `not_found` for a missing or removed department, and as `listPeople` */
export async function listPeopleIn(
  actor: Actor<"directory.read">,
  appId: string,
  query: PeopleQuery & { readonly departmentId: string; readonly personal: PersonalAccess },
): Promise<PeoplePage> {
  await inDirectory(actor, appId, async ({ client, scope }) => {
    const { rowCount } = await client.query(
      `SELECT FROM department
       WHERE organization_id = $1 AND app_id = $2 AND department_id = $3::bigint AND removed_at IS NULL`,
      [...scope, query.departmentId],
    );
    if (rowCount === 0) throw notFound("department");
  });
  return listPeople(actor, appId, query);
}

const ONE = peopleSql({
  from: EVERYBODY,
  where: "AND m.user_id = $3 AND m.removed_at IS NULL",
  orderBy: "m.user_id",
  limit: "LIMIT 1",
});

/** @throws {AppError} `not_found` for a missing or removed member, and for another organization's app */
export function getPerson(
  actor: Actor<"directory.read">,
  appId: string,
  { userId, personal: access }: { readonly userId: string; readonly personal: PersonalAccess },
): Promise<{ readonly person: Person; readonly rules: FieldRules }> {
  return inDirectory(actor, appId, async (reader) => {
    const rules = await readFieldRules(reader, access);
    const [person] = await queryPeople(reader, ONE, { values: [userId], personal: rules.personal });
    if (!person) throw notFound("member");
    return { person, rules };
  });
}

const BATCH = 1_000;

export type PeopleEnd = {
  readonly end: true;
  readonly revision: number;
  readonly count: number;
  /** True when the revision changed while the members were read. */
  readonly changed: boolean;
};

/**
 * Streams all current members in batches of 1,000, each in its own unit of work, so that a slow reader holds no
 * transaction open. The last item says whether the directory changed meanwhile.
 */
export async function* streamPeople(
  actor: Actor<"directory.read">,
  appId: string,
  personal: PersonalAccess,
): AsyncGenerator<PeoplePage | PeopleEnd> {
  const readNewest = () =>
    inDirectory(actor, appId, ({ client, scope: [organizationId] }) =>
      readRevision(client, { organizationId, appId }),
    );
  const revision = await readNewest();
  let after: string | undefined;
  let count = 0;
  do {
    const page: PeoplePage = await listPeople(actor, appId, { after, limit: BATCH, personal });
    count += page.people.length;
    yield page;
    after = page.next ?? undefined;
  } while (after !== undefined);
  yield { end: true, revision, count, changed: (await readNewest()) !== revision };
}
