import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { textsOf } from "@/lib/dingtalk/read-fields";
import type { Mapping } from "../mapping/default-mapping";
import { readMapping } from "../mapping/map-person";
import { isVersioned } from "../mapping/sources";
import type { PeopleEnd, PeoplePage } from "../members/list-people";
import type { DirectoryReader } from "../reader/directory-reader";
import type { Person, PersonPlace } from "../reader/people";
import { inDirectoryAt, type PastRun } from "../reader/readable-runs";
import { departmentRows, keyLookup, memberRows, PREFER_INDEX_ORDER, placeRows } from "../reader/row-sql";
import type { Department, DepartmentsEnd } from "../tree/list-departments";

const BATCH = 1_000;
/** Smaller than any department id. */
const INT64_MIN = String(-(2n ** 63n));

type Batch = { readonly after: string | null; readonly size: number };

type Kept = "id" | "parentId" | "name" | "order" | "sourceIdentifier" | "managers" | "details";

/** A past department, with the fields that its versions store. Total counts exist only for the present. */
export type PastDepartment = Pick<Department, Kept> & {
  readonly members: { readonly direct: number; readonly total: null };
};

/**
 * Each statement reads ranges of one index in its order. With a join or a sort the planner would read the directory.
 */
const DEPARTMENTS = (at: number) => `
  SELECT department_id::text AS id, parent_id::text AS "parentId", name, "order"::text AS "order",
    source_identifier AS "sourceIdentifier", details
  FROM ${departmentRows(at, "AND department_id > $3::bigint ORDER BY department_id LIMIT $4")} d
  ORDER BY department_id LIMIT $4`;

const SEATS =
  "AND department_id >= $3::bigint AND department_id <= $4::bigint ORDER BY department_id, user_id";
const HEADCOUNTS = (at: number) => `
  SELECT department_id::text AS id, count(*)::int AS direct FROM ${placeRows(at, SEATS)} s GROUP BY s.department_id`;

type DepartmentRow = Omit<PastDepartment, "managers" | "members">;

async function readDepartments({ client, scope }: DirectoryReader, at: number, { after, size }: Batch) {
  await client.query(PREFER_INDEX_ORDER);
  const { rows } = await client.query<DepartmentRow>(DEPARTMENTS(at), [...scope, after ?? INT64_MIN, size]);
  const range = [rows[0]?.id, rows.at(-1)?.id];
  const counted = await client.query<{ id: string; direct: number }>(HEADCOUNTS(at), [...scope, ...range]);
  const direct = new Map(counted.rows.map((row) => [row.id, row.direct]));
  return rows.map(
    (row): PastDepartment => ({
      ...row,
      managers: row.details && textsOf(row.details.dept_manager_userid_list),
      members: { direct: direct.get(row.id) ?? 0, total: null },
    }),
  );
}

const PEOPLE = (at: number) => `
  SELECT user_id AS "userId", name, title, job_number AS "jobNumber", is_active AS "isActive"
  FROM ${memberRows(at, "AND user_id > $3::text ORDER BY user_id LIMIT $4")} m ORDER BY user_id LIMIT $4`;

const PLACES = (at: number) => `
  SELECT user_id AS "userId", department_id::text AS "departmentId", title, is_leader AS "isLeader", "order"::text AS "order"
  FROM ${placeRows(at, "AND user_id >= $3::text AND user_id <= $4::text ORDER BY user_id")} s
  ORDER BY user_id, s.department_id`;

const NAMES = (at: number) => `
  SELECT d.department_id::text AS id, d.name FROM unnest($3::bigint[]) AS wanted (id)
  CROSS JOIN LATERAL ${departmentRows(at, keyLookup("department_id", "wanted.id"))} d`;

type PersonRow = Pick<Person, "userId" | "name" | "title" | "jobNumber" | "isActive">;
type PlaceRow = Omit<PersonPlace, "department"> & { readonly userId: string };

const UNKNOWN = {
  unionId: null,
  isAdmin: null,
  isBoss: null,
  isExclusive: null,
  hidesMobile: null,
  otherFields: [],
  links: [],
  personal: null,
} as const;

async function readPeople(
  { client, scope }: DirectoryReader,
  { revision, finishedAt }: PastRun,
  { after, size }: Batch,
): Promise<Person[]> {
  await client.query(PREFER_INDEX_ORDER);
  const { rows } = await client.query<PersonRow>(PEOPLE(revision), [...scope, after ?? "", size]);
  const range = [rows[0]?.userId, rows.at(-1)?.userId];
  const seats = await client.query<PlaceRow>(PLACES(revision), [...scope, ...range]);
  const ids = [...new Set(seats.rows.map(({ departmentId }) => departmentId))];
  const named = await client.query<{ id: string; name: string }>(NAMES(revision), [...scope, ids]);
  const names = new Map(named.rows.map(({ id, name }) => [id, name]));
  const places = Map.groupBy(seats.rows, ({ userId }) => userId);
  const placesOf = (id: string): PersonPlace[] =>
    (places.get(id) ?? []).map(({ departmentId, title, isLeader, order }) => ({
      departmentId,
      department: names.get(departmentId) ?? null,
      title,
      isLeader,
      order,
    }));
  const then = { firstSeenAt: finishedAt, changedAt: finishedAt, removedAt: null, erasedAt: null };
  return rows.map((row): Person => ({ ...UNKNOWN, ...then, ...row, places: placesOf(row.userId) }));
}

/** Removes fields that versions don't store, so that they are absent instead of empty. */
const pastMapping = (mapping: Mapping): Mapping => ({
  ...mapping,
  export: new Map(
    [...mapping.export].map(([name, source]) => [name, isVersioned(source) ? source : { from: "nothing" }]),
  ),
});

type Past = {
  readonly actor: Actor<"directory.read">;
  readonly appId: string;
  readonly at: string;
  readonly size?: number;
};

/** Streams the departments that existed after a run, in batches of 1,000, and then an end item. */
export async function* streamPastDepartments({
  actor,
  appId,
  at,
  size = BATCH,
}: Past): AsyncGenerator<readonly (PastDepartment | DepartmentsEnd)[]> {
  let batch: readonly PastDepartment[] = [];
  let count = 0;
  do {
    const after = batch.at(-1)?.id ?? null;
    batch = await inDirectoryAt(actor, appId, at, (reader, run) =>
      readDepartments(reader, run?.revision ?? 0, { after, size }),
    );
    count += batch.length;
    if (batch.length > 0) yield batch;
  } while (batch.length === size);
  yield [{ end: true, run: at, count, changed: false }];
}

/** Streams the members who existed after a run, without personal values, which versions don't store. */
export async function* streamPastPeople({
  actor,
  appId,
  at,
  size = BATCH,
}: Past): AsyncGenerator<PeoplePage | PeopleEnd> {
  let [last, count, revision]: [string | null, number, number] = [null, 0, 0];
  do {
    const after: string | null = last;
    const page: PeoplePage = await inDirectoryAt(actor, appId, at, async (reader, run) => {
      if (!run) throw new TypeError("the past is that of a run");
      revision = run.revision;
      const found = await readPeople(reader, run, { after, size });
      const mapping = pastMapping(await readMapping(reader));
      const next = found.length === size ? (found.at(-1)?.userId ?? null) : null;
      return { people: found, next, rules: { mapping, personal: "not_allowed" } };
    });
    count += page.people.length;
    yield page;
    last = page.next;
  } while (last !== null);
  yield { end: true, revision, count, changed: false };
}
