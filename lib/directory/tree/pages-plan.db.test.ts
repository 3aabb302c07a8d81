import { randomUUID } from "node:crypto";
import type { ClientBase } from "pg";
import { beforeAll, expect, test } from "vitest";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { readGroups } from "@/lib/scim/read-groups";
import { loadPaths } from "../changes/load-paths";
import { HISTORY } from "../history/list-history";
import { LINKED } from "../members/get-member-detail";
import { readMembers } from "../members/list-department-members";
import type { DirectoryReader } from "../reader/directory-reader";
import { pathTo } from "../reader/paths";
import { findDepartmentDetail } from "./get-department-detail";
import { readChildren } from "./list-children";
import { readPage } from "./list-departments";
import { asAdmin, makeDirectory } from "./test-support/make-directory";

const OTHERS = 300;
const SMALL = 60;
const LARGE = 160_000;
/** Fewer blocks than each table of the large app has. */
const BLOCKS_MAX = 450;

/** Inserts one app per organization in `$1`, with this number of members, four per department, and a plan. */
const plant = (people: number) => [
  `INSERT INTO department (organization_id, app_id, department_id, parent_id, name, extra, since_revision, first_seen_at, changed_at)
   SELECT o, o, n, CASE WHEN n > 1 THEN ceil((n - 1) / 10.0) END, '部门 ' || n, '{}', 1, now(), now()
   FROM unnest($1::uuid[]) o, generate_series(1, ${people / 4}) n`,
  `INSERT INTO member (organization_id, app_id, user_id, union_id, name, other_fields, since_revision, first_seen_at, changed_at)
   SELECT o, o, 'user' || n, 'union' || n, '员工 ' || n, '{}', 1, now(), now()
   FROM unnest($1::uuid[]) o, generate_series(1, ${people}) n`,
  `INSERT INTO member_place (organization_id, app_id, department_id, user_id, since_revision)
   SELECT o, o, ceil(n / 4.0), 'user' || n, 1 FROM unnest($1::uuid[]) o, generate_series(1, ${people}) n`,
  `INSERT INTO change_set (organization_id, app_id, id, cause, revision) SELECT o, o, o, 'run', 1 FROM unnest($1::uuid[]) o`,
  `INSERT INTO directory_change (organization_id, app_id, set_id, number, object, object_id, kind, after)
   SELECT o, o, o, n, 'department', 7000000000 + n, 'added', '{}' FROM unnest($1::uuid[]) o, generate_series(1, ${people / 4}) n`,
];

let large: string;

beforeAll(async () => {
  large = (await makeDirectory([])).organizationId;
  await asAdmin(async (client) => {
    await client.query("UPDATE dingtalk_app SET id = $1 WHERE organization_id = $1", [large]);
    const { rows } = await client.query<{ id: string }>(
      `INSERT INTO organization_ids SELECT gen_random_uuid() FROM generate_series(1, ${OTHERS}) RETURNING id`,
    );
    // Skips foreign keys, whose check of each row takes longer than all the tests
    await client.query("SET session_replication_role = replica");
    for (const statement of plant(SMALL)) await client.query(statement, [rows.map(({ id }) => id)]);
    await client.query("ANALYZE");
    for (const statement of plant(LARGE)) await client.query(statement, [[large]]);
  });
}, 120_000);

type Plan = { readonly Plan: { readonly [name: string]: number } };

/** Returns a client that reports the blocks that each statement reads. */
function counted(client: ClientBase, read: (text: string, blocks: number) => void): ClientBase {
  const query = async (text: string, values?: unknown[]) => {
    if (!values) return client.query(text);
    const explained = await client.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`, values);
    const [plan] = (explained.rows[0] as { "QUERY PLAN": Plan[] })["QUERY PLAN"];
    read(text, (plan?.Plan["Shared Hit Blocks"] ?? 0) + (plan?.Plan["Shared Read Blocks"] ?? 0));
    return client.query(text, values);
  };
  return { query } as unknown as ClientBase;
}

const base = () => ({ appId: large, url: "http://localhost/scim/v2" });
const GROUPS = { startIndex: 1, count: 200, hasMembers: false };

const PAGES: readonly (readonly [string, (reader: DirectoryReader) => Promise<unknown>])[] = [
  ["a department's members", (reader) => readMembers(reader, { department: "777", locale: "en" })],
  ["a department's children", (reader) => readChildren(reader, { parent: "77", locale: "en", limit: 20 })],
  ["a department", (reader) => findDepartmentDetail(reader, "777")],
  ["a department's path", (reader) => pathTo(reader, "7777")],
  ["a page of departments", (reader) => readPage(reader, { limit: 200 })],
  ["the next page of departments", (reader) => readPage(reader, { limit: 200, after: "777" })],
  ["a page of children", (reader) => readPage(reader, { limit: 20, parentId: "77" })],
  ["paths in a plan", (reader) => loadPaths(reader, { setId: large, side: "before" }, ["777", "7777"])],
  [
    "linked members in other apps",
    ({ client, scope }) => client.query(LINKED, [scope[0], randomUUID(), "union7"]),
  ],
  [
    "the changes of a department",
    ({ client, scope }) => client.query(HISTORY, [...scope, "department", "7000000777", 2 ** 31 - 1]),
  ],
  ["groups", (reader) => readGroups(reader, base(), { ...GROUPS, filter: "" })],
  ["a group by its id", (reader) => readGroups(reader, base(), { ...GROUPS, filter: 'externalId eq "777"' })],
];

test.each(PAGES)(
  "reads %s of a large app without scanning its tables, without statistics and among many organizations",
  async (_, read) => {
    const blocks: [string, number][] = [];
    await inOrganizationSql({ organizationId: large }, (client) =>
      read({ client: counted(client, (text, count) => blocks.push([text, count])), scope: [large, large] }),
    );
    expect(blocks).not.toEqual([]);
    expect(blocks.filter(([, count]) => count > BLOCKS_MAX)).toEqual([]);
  },
);
