import { expect, test } from "vitest";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import {
  DEPARTMENT_ORDER,
  EVERYBODY,
  peopleInDepartment,
  peopleSql,
  peopleWithUnionId,
} from "../reader/people";
import { PREFER_INDEX_ORDER } from "../reader/row-sql";
import { asAdmin, makeDirectory } from "../tree/test-support/make-directory";

const PEOPLE = 20_000;
const BLOCKS_MAX = 2_500;

type Plan = { readonly Plan: { readonly [name: string]: number } };

test("a page of members right after the first sync reads few blocks", async () => {
  const directory = await makeDirectory(Array.from({ length: 100 }, (_, n) => ({ id: n + 1 })));
  const scope = [directory.organizationId, directory.appId];
  // Inserted in one statement and not analyzed, so the planner assumes empty tables
  await asAdmin(async (client) => {
    await client.query(
      `INSERT INTO member (organization_id, app_id, user_id, union_id, name, since_revision, first_seen_at, changed_at)
       SELECT $1, $2, 'u' || n, 'union' || n, 'n', 1, now(), now() FROM generate_series(1, ${PEOPLE}) n`,
      scope,
    );
    await client.query(
      `INSERT INTO member_place (organization_id, app_id, department_id, user_id, since_revision)
       SELECT $1, $2, n % 100 + 1, 'u' || n, 1 FROM generate_series(1, ${PEOPLE}) n`,
      scope,
    );
  });
  const page = { where: "AND m.removed_at IS NULL", limit: "LIMIT 100" };
  for (const sql of [
    peopleSql({ ...page, from: EVERYBODY, orderBy: "m.user_id" }),
    peopleSql({ ...page, from: peopleInDepartment("77"), orderBy: DEPARTMENT_ORDER }),
    peopleSql({ ...page, from: peopleWithUnionId("'union77'"), orderBy: "m.user_id" }),
  ]) {
    const rows = await inOrganizationSql(directory, async (client) => {
      await client.query(PREFER_INDEX_ORDER);
      return (await client.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${sql}`, scope)).rows;
    });
    const [plan] = (rows[0] as { "QUERY PLAN": Plan[] })["QUERY PLAN"];
    const blocks = (plan?.Plan["Shared Hit Blocks"] ?? 0) + (plan?.Plan["Shared Read Blocks"] ?? 0);
    expect(plan?.Plan["Actual Rows"]).toBeGreaterThan(0);
    expect(blocks).toBeLessThan(BLOCKS_MAX);
  }
});
