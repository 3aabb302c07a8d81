import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { notFound } from "@/lib/errors";
import { readMapping } from "../mapping/read-mapping";
import type { Mapping } from "../mapping/targets";
import { maskPersonal } from "../personal/mask-values";
import { openPersonal } from "../personal/personal-values";
import { type DirectoryReader, inDirectory } from "../reader/directory-reader";
import { INDEXES_ONLY } from "../reader/parent-of";
import type { Person } from "../reader/people";
import { EVERYBODY, ORDER_IN, peopleIn, peopleOf, peopleSql } from "../reader/people-sql";
import { readRevision } from "../revision";
import { namedSo } from "../search/named-so";

/** That somebody may be told what is personal, or may see that it is there; `null` for who may neither. */
export type MayReadPersonal = Actor<"directory.readPersonal"> | "masked" | null;

/** What becomes of people's personal values: told, told as masks, not kept by the organization, not for whoever asks. */
export type PersonalTerms = "told" | "masked" | "not_collected" | "not_allowed";

/** By what people are told to whoever asks. */
export type Terms = { readonly mapping: Mapping; readonly personal: PersonalTerms };

export type PeopleQuery = {
  /** Only who sits in this department. */
  readonly departmentId?: string | undefined;
  readonly unionId?: string | undefined;
  /** Also gives who was removed since. */
  readonly updatedSince?: Date | undefined;
  /** A part of the name or of its pinyin, its initials, the id, or the job number. */
  readonly q?: string | undefined;
  /** `nextCursor` of the page before. */
  readonly cursor?: string | undefined;
  readonly limit: number;
};

export type PeoplePage = {
  readonly people: readonly Person[];
  readonly nextCursor: string | null;
  readonly terms: Terms;
};

type Row = Omit<Person, "personal"> & { readonly personalId: string | null };

/** Reads by what terms people are told, in the same unit of work as the people. */
export async function readTerms(reader: DirectoryReader, personal: MayReadPersonal): Promise<Terms> {
  const mapping = await readMapping(reader);
  if (personal === null) return { mapping, personal: "not_allowed" };
  const { rows } = await reader.client.query<{ keeps: boolean }>(
    `SELECT keeps_personal AS keeps FROM organization WHERE organization_id = $1`,
    [reader.scope[0]],
  );
  const told = personal === "masked" ? "masked" : "told";
  return { mapping, personal: rows[0]?.keeps ? told : "not_collected" };
}

/** Runs a statement of `peopleSql`, and opens what is personal where it is to be told. */
export async function queryPeople(
  { client, scope }: DirectoryReader,
  sql: string,
  { values, terms }: { readonly values: readonly unknown[]; readonly terms: Terms },
): Promise<Person[]> {
  await client.query(INDEXES_ONLY);
  const { rows } = await client.query<Row>(sql, [...scope, ...values]);
  const isMasked = terms.personal === "masked";
  const isTold = isMasked || terms.personal === "told";
  const ids = isTold ? rows.flatMap(({ personalId }) => personalId ?? []) : [];
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
    return { ...row, personal: isTold ? (isMasked ? maskPersonal(opened) : opened) : null };
  });
}

async function pageSql(reader: DirectoryReader, query: PeopleQuery) {
  const { departmentId, unionId, updatedSince, q, cursor, limit } = query;
  const values: unknown[] = [];
  const add = (value: unknown) => `$${values.push(value) + 2}`;
  const conditions: string[] = [];
  const among = () => (unionId === undefined ? EVERYBODY : peopleOf(add(unionId)));
  const from = departmentId === undefined ? among() : peopleIn(add(departmentId));
  if (updatedSince === undefined) conditions.push("m.removed_at IS NULL");
  else conditions.push(`m.changed_at >= ${add(updatedSince)}`);
  if (unionId !== undefined && departmentId !== undefined) conditions.push(`m.union_id = ${add(unionId)}`);
  const order = departmentId === undefined ? "m.user_id" : "s.user_id";
  if (cursor !== undefined) conditions.push(`${order} > ${add(cursor)}`);
  if (q !== undefined) {
    const includeRemoved = updatedSince !== undefined;
    const { condition, value } = await namedSo(reader, "member", { text: q, row: "m", includeRemoved });
    conditions.push(condition(add(value)));
  }
  const where = conditions.map((one) => `AND ${one}`).join(" ");
  return {
    sql: peopleSql({
      from,
      where,
      orderBy: departmentId === undefined ? order : ORDER_IN,
      limit: `LIMIT ${add(limit)}`,
    }),
    values,
  };
}

/**
 * A page of an app's members, in the order of their ids.
 *
 * @throws {AppError} `not_found` for an app that isn't the organization's
 */
export function listPeople(
  actor: Actor<"directory.read">,
  appId: string,
  { personal, ...query }: PeopleQuery & { readonly personal: MayReadPersonal },
): Promise<PeoplePage> {
  return inDirectory(actor, appId, async (reader) => {
    const { limit } = query;
    const terms = await readTerms(reader, personal);
    const { sql, values } = await pageSql(reader, { ...query, limit: limit + 1 });
    const found = await queryPeople(reader, sql, { values, terms });
    const people = found.slice(0, limit);
    const nextCursor = found.length > limit ? (people.at(-1)?.userId ?? null) : null;
    return { people, nextCursor, terms };
  });
}

/** @throws {AppError} `not_found` for a department that isn't there, or is removed; as `listPeople` */
export async function listPeopleIn(
  actor: Actor<"directory.read">,
  appId: string,
  query: PeopleQuery & { readonly departmentId: string; readonly personal: MayReadPersonal },
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

/** @throws {AppError} `not_found`, for who is removed and for another organization's app too */
export function getPerson(
  actor: Actor<"directory.read">,
  appId: string,
  { userId, personal }: { readonly userId: string; readonly personal: MayReadPersonal },
): Promise<{ readonly person: Person; readonly terms: Terms }> {
  return inDirectory(actor, appId, async (reader) => {
    const terms = await readTerms(reader, personal);
    const [person] = await queryPeople(reader, ONE, { values: [userId], terms });
    if (!person) throw notFound("member");
    return { person, terms };
  });
}

const BATCH = 1_000;

export type PeopleEnd = {
  readonly end: true;
  /** The directory's when the reading began. */
  readonly revision: number;
  readonly count: number;
  /** It became another one since. */
  readonly changed: boolean;
};

/**
 * All of an app's members that are there, a thousand at a time, each batch in a unit of work of its own: nothing is open
 * while whoever reads takes their time. The last batch is the end, which admits a directory that changed underneath.
 *
 * @throws {AppError} `not_found`
 */
export async function* streamPeople(
  actor: Actor<"directory.read">,
  appId: string,
  personal: MayReadPersonal,
): AsyncGenerator<PeoplePage | PeopleEnd> {
  const readNewest = () =>
    inDirectory(actor, appId, ({ client, scope: [organizationId] }) =>
      readRevision(client, { organizationId, appId }),
    );
  const revision = await readNewest();
  let cursor: string | undefined;
  let count = 0;
  do {
    const page: PeoplePage = await listPeople(actor, appId, { cursor, limit: BATCH, personal });
    count += page.people.length;
    yield page;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  yield { end: true, revision, count, changed: (await readNewest()) !== revision };
}
