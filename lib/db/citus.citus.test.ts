import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, expect, test } from "vitest";
import { env } from "@/lib/env";
import { makeOrganization } from "@/lib/testing/factories";
import { pool } from "./connection-pools";
import { inOrganization } from "./unit-of-work";

const admin = new pg.Pool({ connectionString: process.env.TEST_ADMIN_URL, max: 1 });
afterAll(() => admin.end());

async function all<T extends pg.QueryResultRow>(sql: string): Promise<T[]> {
  return (await admin.query<T>(sql)).rows;
}

test("colocates tenants' tables, copies user tables to all nodes, and keeps sessions on the coordinator", async () => {
  const places = await all<{ name: string; place: string | null }>(`
    SELECT c.oid::regclass::text AS name, CASE WHEN repmodel = 't' THEN 'everywhere' WHEN partmethod = 'h' THEN
      column_to_column_name(logicalrelid, partkey) || ' ' || (colocationid = (SELECT colocationid FROM pg_dist_partition
        WHERE logicalrelid = 'organization'::regclass)) END AS place
    FROM pg_class c LEFT JOIN pg_dist_partition ON logicalrelid = c.oid
    WHERE relkind IN ('r', 'p') AND relnamespace IN ('public'::regnamespace, 'pgboss'::regnamespace)`);
  const placeOf = new Map(places.map(({ name, place }) => [name, place]));
  const tablesAt = (wanted: string | null) =>
    [...placeOf].filter(([, place]) => place === wanted).map(([name]) => name);

  expect(tablesAt("everywhere").sort()).toEqual(["memberships", "organization_ids", "users"]);
  const here = tablesAt(null).filter((name) => !name.startsWith("pgboss."));
  expect(here.sort()).toEqual([
    "applied_migration",
    "call_lane",
    "callback_uptime",
    "counter_key",
    "egress_ban",
    "egress_second",
    "live_process",
    "request_minute",
    "sealing_key",
    "sessions",
    "throttle",
  ]);
  expect(tablesAt("organization_id true")).toContain("department");
  expect(new Set(placeOf.values())).toEqual(new Set(["everywhere", "organization_id true", null]));
});

test("S13 row security is enabled and forced on every shard of distributed and reference tables", async () => {
  const answers = await all<{ success: boolean; result: string }>(`
    SELECT success, result FROM run_command_on_shards('organization', $$
      SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE oid = '%s'::regclass $$)
    UNION ALL SELECT success, result FROM run_command_on_shards('department', $$
      SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE oid = '%s'::regclass $$)
    UNION ALL SELECT success, result FROM run_command_on_placements('memberships', $$
      SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE oid = '%s'::regclass $$)`);
  // Four shards of each distributed table, three copies of the reference table.
  expect(answers).toHaveLength(11);
  expect(answers.filter(({ success, result }) => !success || result !== "t")).toEqual([]);
});

test("S14 no node returns another organization's rows, even when queried by id or directly on the node", async () => {
  const [mine, others] = [await makeOrganization(), [] as string[]];
  // Twenty organizations on four shards are spread over both workers.
  for (let made = 0; made < 20; made++) others.push((await makeOrganization()).organizationId);

  const seen = await inOrganization(mine, (tx) => tx.organization.findMany());
  expect(seen.map(({ organizationId }) => organizationId)).toEqual([mine.organizationId]);
  const asked = await inOrganization(mine, (tx) =>
    tx.organization.findMany({ where: { organizationId: { in: others } } }),
  );
  expect(asked).toEqual([]);

  const nodes = await all<{ nodename: string; nodeport: number }>(
    "SELECT nodename, nodeport FROM pg_dist_node WHERE shouldhaveshards",
  );
  expect(nodes.length).toBeGreaterThanOrEqual(2);
  for (const { nodename, nodeport } of nodes) {
    const url = Object.assign(new URL(env().DATABASE_URL), { hostname: nodename, port: String(nodeport) });
    const worker = new pg.Client({ connectionString: url.href });
    await worker.connect();
    await worker.query("SET citus.override_table_visibility = off");
    const { rows: shards } = await worker.query<{ name: string }>(
      "SELECT oid::regclass::text AS name FROM pg_class WHERE relname ~ '^organization_[0-9]+$' AND relkind = 'r'",
    );
    expect(shards.length).toBeGreaterThan(0);
    for (const { name } of shards) expect((await worker.query(`SELECT FROM ${name}`)).rowCount).toBe(0);
    await worker.end();
  }
});

test("returns no rows without an organization or for an unknown one", async () => {
  await makeOrganization();
  expect((await pool().query("SELECT FROM organization")).rowCount).toBe(0);
  const nobody = { organizationId: randomUUID() };
  expect(await inOrganization(nobody, (tx) => tx.organization.findMany())).toEqual([]);
});
