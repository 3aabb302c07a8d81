import type { ClientBase } from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { readGroups } from "@/lib/scim/read-groups";
import { readUsers } from "@/lib/scim/read-users";
import { PREFER_INDEX_ORDER } from "../reader/row-sql";
import { asAdmin, makeDirectory } from "../tree/test-support/make-directory";
import { findCandidates } from "./find-candidates";
import { indexNames, unindexNames } from "./index-names";
import { nameQueryOf } from "./parse-search";
import { searchIn } from "./search-directory";

type Directory = Awaited<ReturnType<typeof makeDirectory>>;
type Node = {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Index Cond"?: string;
  readonly Plans?: readonly Node[];
};

const ROWS = 20_000;

/** Inserts a department per four members and terms for each, enough for a full scan to show in the plan. */
const PLANT = [
  `INSERT INTO department (organization_id, app_id, department_id, parent_id, name, extra, first_seen_at, changed_at)
   SELECT $1, $2, n, CASE WHEN n > 1 THEN ceil((n - 1) / 10.0) END, '部门 ' || n, '{}', now(), now()
   FROM generate_series(1, ${ROWS / 4}) n`,
  `INSERT INTO member (organization_id, app_id, user_id, name, other_fields, since_revision, first_seen_at, changed_at)
   SELECT $1, $2, 'user' || n, '员工 ' || n, '{}', 1, now(), now() FROM generate_series(1, ${ROWS}) n`,
  `INSERT INTO member_place (organization_id, app_id, department_id, user_id, since_revision)
   SELECT $1, $2, ceil(n / 4.0), 'user' || n, 1 FROM generate_series(1, ${ROWS}) n`,
  `INSERT INTO search_term (organization_id, app_id, kind, place, term, object_id)
   SELECT $1, $2, 1, place, term || n, n FROM generate_series(1, ${ROWS / 4}) n,
     (VALUES (0, '部门 '), (0, 'bumen'), (0, 'bm'), (1, '门 '), (1, 'men')) AS t (place, term)`,
  `INSERT INTO search_term (organization_id, app_id, kind, place, term, object_id)
   SELECT $1, $2, 2, place, term || n, 'user' || n FROM generate_series(1, ${ROWS}) n,
     (VALUES (0, '员工 '), (0, 'yuangong'), (0, 'yg'), (0, 'user'), (1, '工 ')) AS t (place, term)`,
  `INSERT INTO search_name (organization_id, app_id, kind, object_id, first, inside)
   SELECT $1, $2, 1, n, concat_ws(E'\\n', '部门 ' || n, 'bumen' || n, 'bm' || n), concat_ws(E'\\n', '门 ' || n, 'men' || n)
   FROM generate_series(1, ${ROWS / 4}) n`,
  `INSERT INTO search_name (organization_id, app_id, kind, object_id, first, inside)
   SELECT $1, $2, 2, 'user' || n, concat_ws(E'\\n', '员工 ' || n, 'yuangong' || n, 'yg' || n, 'user' || n), '工 ' || n
   FROM generate_series(1, ${ROWS}) n`,
] as const;

async function plant({ organizationId, appId }: Directory): Promise<void> {
  await asAdmin(async (client) => {
    for (const statement of PLANT) await client.query(statement, [organizationId, appId]);
  });
}

const nodesOf = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

/** The index condition, by table, without which a lookup would read all of an app's rows. */
const ENTERED_WITH: Readonly<Record<string, RegExp>> = {
  search_term: /\bterm >=|\bterm = ANY/,
  search_name: /\bobject_id = ANY/,
  department: /\bdepartment_id (>=|= ANY)/,
  member: /\b(user_id|union_id) (>=|= ANY)/,
  member_place: /\buser_id (>=|= ANY)/,
  department_count: /\bdepartment_id >=/,
};

/** Tables with one row per organization or app. */
const SMALL = new Set(["directory_settings", "dingtalk_app"]);

/** Returns a client that records each table whose index condition is missing in the plan of a statement. */
function watched(client: ClientBase, faults: string[]): ClientBase {
  const query = async (text: string, values: unknown[]) => {
    if (text.startsWith("SET ")) return client.query(text);
    const { rows } = await client.query<{ "QUERY PLAN": [{ Plan: Node }] }>(
      `EXPLAIN (FORMAT JSON) ${text}`,
      values,
    );
    for (const node of rows.flatMap((row) => nodesOf(row["QUERY PLAN"][0].Plan))) {
      const table = node["Relation Name"];
      if (table === undefined || SMALL.has(table) || node["Node Type"] === "ModifyTable") continue;
      const scans = node["Node Type"] === "Bitmap Heap Scan" ? nodesOf(node).slice(1) : [node];
      for (const scan of scans)
        if (!ENTERED_WITH[table]?.test(scan["Index Cond"] ?? ""))
          faults.push(`${node["Node Type"]} of ${table}, by ${scan["Index Cond"] ?? "nothing"}: ${text}`);
    }
    return client.query(text, values);
  };
  return { query } as unknown as ClientBase;
}

const TYPED = [
  "部",
  "部门",
  "部门 7",
  "bu",
  "bm",
  "yuangong1",
  "yg",
  "没有",
  "user77",
  "7",
  "部men",
  "部门 1/员工",
  "没有 员工",
];

/** SCIM filters by name. */
const NAMED = [
  'displayName co "工 7"',
  'displayName eq "员工 77"',
  'displayName co "门 7"',
  'displayName eq "部门 77"',
];

/** Returns the full scans of each kind of search and of an index update. */
async function faultsOf({ actor, organizationId, appId }: Directory): Promise<string[]> {
  const faults: string[] = [];
  await inOrganizationSql(actor, async (client) => {
    const base = { appId, url: "http://localhost/scim/v2" };
    const place = { client: watched(client, faults), scope: [organizationId, appId] as const };
    await client.query(PREFER_INDEX_ORDER);
    for (const text of TYPED)
      for (const includeRemoved of [true, false]) {
        const found = await searchIn(place, text, { locale: "zh-CN", includeRemoved, limitEach: 200 });
        expect(found.total + found.members.total > 0, text).toBe(!text.startsWith("没有"));
      }
    for (const filter of NAMED) {
      const paging = { startIndex: 1, count: 100, filter };
      const users = await readUsers(place, { base, personal: null, paging });
      const groups = await readGroups(place, base, { ...paging, hasMembers: false });
      expect(users.total + groups.total, filter).toBeGreaterThan(0);
    }
    for (const kind of ["department", "member"] as const)
      expect((await findCandidates(place, kind, nameQueryOf("bm1"), { isLive: true })).isMore).toBe(
        kind === "department",
      );
    const names = Array.from({ length: 30 }, (_, index) => `user${index + 1}`);
    const name = (id: string, text: string) => ({ kind: "member" as const, id, name: text });
    await indexNames(
      place.client,
      { organizationId, appId },
      names.map((id) => name(id, "张三")),
    );
    await indexNames(
      place.client,
      { organizationId, appId },
      names.map((id) => name(id, "李四")),
    );
    await unindexNames(place.client, { organizationId, appId }, "member", names);
  });
  return faults;
}

describe("S14 the application's role searches by index, and never reads all of a tenant's terms", () => {
  let first: Directory;
  let second: Directory;
  beforeAll(async () => {
    [first, second] = [await makeDirectory([{ id: 1 }]), await makeDirectory([{ id: 1 }])];
    await asAdmin((client) =>
      client.query("DELETE FROM department; DELETE FROM search_term; DELETE FROM search_name"),
    );
  });

  test("searches by index right after the first sync, without statistics", async () => {
    await plant(first);
    expect(await faultsOf(first)).toEqual([]);
  });

  test("searches by index with current statistics", async () => {
    await asAdmin((client) => client.query("ANALYZE"));
    expect(await faultsOf(first)).toEqual([]);
  });

  test("searches by index right after a second directory's first sync, with statistics of the first one", async () => {
    await plant(second);
    expect(await faultsOf(second)).toEqual([]);
  });

  test("searches by index with statistics of empty tables", async () => {
    const third = await asAdmin(async (client) => {
      await client.query("TRUNCATE department, member, member_place, search_term, search_name; ANALYZE");
      return makeDirectory([]);
    });
    await plant(third);
    expect(await faultsOf(third)).toEqual([]);
  });
});
