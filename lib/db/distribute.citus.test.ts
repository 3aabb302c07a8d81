import { randomBytes, randomUUID } from "node:crypto";
import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { migrateDatabase } from "@/server/migrate-database";
import { applyMigrations } from "./apply-migrations";
import { distributeNewTables, distributeTables } from "./citus";
import { type Migration, readMigrations } from "./migrations";

const { TEST_ADMIN_URL = "", MIGRATION_DATABASE_URL = "" } = process.env;
const DEPARTMENTS = 1_000;

const changed = (url: string, change: Partial<Pick<URL, "pathname" | "hostname" | "port">>) =>
  Object.assign(new URL(url), change).href;

async function ask<T extends pg.QueryResultRow>(url: string, ...statements: string[]): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    let rows: T[] = [];
    for (const statement of statements) ({ rows } = await client.query<T>(statement));
    return rows;
  } finally {
    await client.end();
  }
}

/** Creates a migrated database without the extension, and a function that distributes it. */
async function makePlainDatabase() {
  const name = `${randomBytes(6).toString("hex")}_test`;
  const workers = await ask<{ hostname: string; port: string }>(
    TEST_ADMIN_URL,
    "SELECT nodename AS hostname, nodeport::text AS port FROM pg_dist_node WHERE shouldhaveshards",
  );
  const own = new URL(TEST_ADMIN_URL);
  const nodes = [{ hostname: own.hostname, port: own.port || "5432" }, ...workers];
  const on = (node: { hostname: string; port: string }, pathname: string) =>
    changed(TEST_ADMIN_URL, { ...node, pathname });
  for (const node of nodes) await ask(on(node, "/postgres"), `CREATE DATABASE "${name}"`);
  onTestFinished(async () => {
    for (const node of nodes) await ask(on(node, "/postgres"), `DROP DATABASE "${name}" WITH (FORCE)`);
  });
  const adminUrl = changed(TEST_ADMIN_URL, { pathname: name });
  const ownerUrl = changed(MIGRATION_DATABASE_URL, { pathname: name });
  await ask(adminUrl, `ALTER DATABASE "${name}" OWNER TO dingkeep_owner`);
  const target = { ownerUrl, applicationRole: "dingkeep_app" };
  await migrateDatabase(target);
  const distribute = async () => {
    for (const node of nodes) await ask(on(node, name), "CREATE EXTENSION citus");
    const [{ hostname, port } = own] = nodes;
    await ask(
      adminUrl,
      `SELECT citus_set_coordinator_host('${hostname}', ${port})`,
      ...workers.map((worker) => `SELECT citus_add_node('${worker.hostname}', ${worker.port})`),
    );
    return distributeTables(ownerUrl);
  };
  return { adminUrl, target, distribute };
}

/** @returns the organization of all rows */
async function fill(url: string): Promise<string> {
  const [organization, app, user] = [randomUUID(), randomUUID(), randomUUID()];
  await ask(
    url,
    `INSERT INTO organization_ids VALUES ('${organization}')`,
    `INSERT INTO organization (organization_id, name) VALUES ('${organization}', 'one')`,
    `INSERT INTO users (id, email) VALUES ('${user}', '${user}@example.test')`,
    `INSERT INTO memberships (organization_id, user_id, role, email, organization_name)
      VALUES ('${organization}', '${user}', 'owner', 'a', 'one')`,
    `INSERT INTO dingtalk_app (organization_id, id, name, app_key, sealed_secret, secret_tail, state, updated_at)
      VALUES ('${organization}', '${app}', 'one', 'key', '\\x01', '', 'verified', now())`,
    `INSERT INTO department (organization_id, app_id, department_id, name, extra, first_seen_at, changed_at)
      SELECT '${organization}', '${app}', i, 'd', '{}', now(), now() FROM generate_series(1, ${DEPARTMENTS}) i`,
  );
  return organization;
}

const PLACES = `
  SELECT c.relname AS name, partmethod AS method FROM pg_class c LEFT JOIN pg_dist_partition ON logicalrelid = c.oid
  WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1`;
const KEYS = `
  SELECT conname AS name, pg_get_constraintdef(k.oid) AS definition FROM pg_constraint k
  JOIN pg_dist_partition ON logicalrelid = conrelid WHERE contype = 'f' ORDER BY 1`;

test("distributes a database with rows like a new one, and changes nothing the second time", async () => {
  const { adminUrl, target, distribute } = await makePlainDatabase();
  await fill(adminUrl);

  expect(await distribute()).toContain("department");
  expect(await ask(adminUrl, "SELECT count(*)::int AS rows FROM department")).toEqual([
    { rows: DEPARTMENTS },
  ]);
  expect(await ask(adminUrl, "SELECT count(*)::int AS rows FROM memberships")).toEqual([{ rows: 1 }]);
  expect(await ask(adminUrl, PLACES)).toEqual(await ask(TEST_ADMIN_URL, PLACES));
  expect(await ask(adminUrl, KEYS)).toEqual(await ask(TEST_ADMIN_URL, KEYS));
  const open = await ask(
    adminUrl,
    `SELECT relname FROM pg_class JOIN pg_dist_partition ON logicalrelid = oid WHERE NOT (relrowsecurity AND relforcerowsecurity)
     UNION ALL SELECT result FROM run_command_on_shards('department', $$
       SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE oid = '%s'::regclass $$) WHERE result <> 't'`,
  );
  expect(open).toEqual([]);
  const localCopies = await ask(
    adminUrl,
    "SELECT FROM pg_dist_partition WHERE partmethod = 'h' AND pg_relation_size(logicalrelid) > 0",
  );
  expect(localCopies).toEqual([]);

  expect(await distributeTables(target.ownerUrl)).toEqual([]);
  expect(await migrateDatabase(target)).toEqual([]);
});

const VALID_ON_SHARDS = `SELECT result FROM run_command_on_shards('department', $$
  SELECT count(*) FILTER (WHERE indisvalid) || ' of ' || count(*) FROM pg_index
  WHERE indrelid = '%s'::regclass AND starts_with(indexrelid::regclass::text, 'more_key') $$)`;

const WAITS = `SELECT FROM pg_locks JOIN pg_stat_activity USING (pid)
  WHERE NOT granted AND datname = current_database() AND usename = 'dingkeep_owner'`;

const KEY_ON_SHARDS = `SELECT result FROM run_command_on_shards('department', $$
  SELECT convalidated || ' ' || relforcerowsecurity FROM pg_constraint k JOIN pg_class c ON c.oid = conrelid
  WHERE conrelid = '%s'::regclass AND starts_with(conname, 'more_fkey') $$)`;

const distinct = (rows: readonly { readonly result: string }[]) => [
  ...new Set(rows.map(({ result }) => result)),
];

/** Returns migrations as `npm run migrate` applies them to a distributed database. */
const distributed = (migrations: readonly Migration[]): Migration[] =>
  migrations.map((each) => ({ ...each, sql: distributeNewTables(each.sql) }));

async function apply(ownerUrl: string, migrations: readonly Migration[]): Promise<string[]> {
  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  try {
    return await applyMigrations(owner, distributed(migrations));
  } finally {
    await owner.end();
  }
}

test("builds an index on every shard without blocking writers, and again after a failed build", async () => {
  const { adminUrl, target, distribute } = await makePlainDatabase();
  const organization = await fill(adminUrl);
  await distribute();
  const known = await readMigrations();
  const index: Migration = {
    name: "29990101000000_index",
    kind: "expands",
    sql: `CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "more_key" ON "department"("organization_id", "name");`,
  };
  const build = () => apply(target.ownerUrl, [...known, index]);
  await expect(build()).rejects.toThrow("could not create unique index");
  await ask(adminUrl, "UPDATE department SET name = department_id::text");

  const writer = new pg.Client({ connectionString: adminUrl });
  await writer.connect();
  onTestFinished(() => writer.end());
  await writer.query("BEGIN");
  const renameOf = (id: number) =>
    `UPDATE department SET name = 'renamed ${id}' WHERE organization_id = '${organization}' AND department_id = ${id}`;
  await writer.query(renameOf(1));
  const built = build();
  await expect.poll(() => ask(adminUrl, WAITS)).not.toEqual([]);
  await ask(adminUrl, "SET lock_timeout = '1s'", renameOf(2));
  await writer.query("COMMIT");

  expect(await built).toEqual([index.name]);
  expect(distinct(await ask(adminUrl, VALID_ON_SHARDS))).toEqual(["1 of 1"]);
});

test("validates a foreign key on every shard and forces row security again", async () => {
  const { adminUrl, target, distribute } = await makePlainDatabase();
  await fill(adminUrl);
  await distribute();
  const key: Migration = {
    name: "29990101000000_key",
    kind: "expands",
    sql: `ALTER TABLE "department" ADD CONSTRAINT "more_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization_ids"("id") NOT VALID;`,
  };
  const validation: Migration = {
    name: "29990102000000_validation",
    kind: "expands",
    sql: `ALTER TABLE "department" VALIDATE CONSTRAINT "more_fkey";`,
  };
  const known = await readMigrations();
  expect(await apply(target.ownerUrl, [...known, key, validation])).toEqual([key.name, validation.name]);
  expect(distinct(await ask(adminUrl, KEY_ON_SHARDS))).toEqual(["true true"]);
});
