import { randomBytes } from "node:crypto";
import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { applyMigrations } from "./apply-migrations";
import { type Migration, readMigrations } from "./migrations";

const { TEST_ADMIN_URL = "", MIGRATION_DATABASE_URL = "" } = process.env;

const inDatabase = (url: string, database: string) =>
  Object.assign(new URL(url), { pathname: `/${database}` }).href;

async function open(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

async function makeDatabase() {
  const name = `${randomBytes(6).toString("hex")}_test`;
  await (await open(TEST_ADMIN_URL)).query(`CREATE DATABASE "${name}" OWNER dingkeep_owner`);
  const adminUrl = inDatabase(TEST_ADMIN_URL, name);
  const owner = await open(inDatabase(MIGRATION_DATABASE_URL, name));
  return { owner, open: () => open(adminUrl) };
}

const TABLES = `SELECT quote_ident(relname) AS name FROM pg_class WHERE relkind = 'r'
  AND relnamespace = 'public'::regnamespace AND relname <> 'applied_migration'`;

async function tablesOf(client: pg.Client): Promise<string[]> {
  return (await client.query<{ name: string }>(TABLES)).rows.map(({ name }) => name);
}

/** Begins a transaction that has read and written every table, as a long sync and a backup do. */
async function hold(client: pg.Client): Promise<void> {
  await client.query("BEGIN");
  for (const table of await tablesOf(client)) {
    await client.query(`SELECT FROM ${table} LIMIT 1`);
    await client.query(`LOCK TABLE ${table} IN ROW EXCLUSIVE MODE`);
  }
}

/** Reads and writes every table as a request does, which may wait for nobody longer than a second. */
async function request(client: pg.Client): Promise<void> {
  await client.query("BEGIN; SET LOCAL lock_timeout = '1s'");
  for (const table of await tablesOf(client)) {
    await client.query(`SELECT FROM ${table} LIMIT 1`);
    await client.query(`LOCK TABLE ${table} IN ROW EXCLUSIVE MODE`);
  }
  await client.query("COMMIT");
}

const WAITS = `SELECT FROM pg_locks l JOIN pg_stat_activity a USING (pid)
  WHERE NOT granted AND datname = current_database() AND usename = 'dingkeep_owner'`;

const makeMigration = (name: string, sql: string): Migration => ({
  name: `29990101000000_${name}`,
  kind: "expands",
  sql: `-- expands: for a test\n${sql}`,
});

/** The part of the first migration that records migrations. */
const RECORDS = "CREATE TABLE applied_migration (name TEXT PRIMARY KEY, kind TEXT NOT NULL);";

/** Migrations of every kind that locks a filled table, beside those of the project. */
const SAMPLES: readonly Migration[] = (
  [
    ["drops_key", `ALTER TABLE "department" DROP CONSTRAINT "department_organization_id_fkey";`],
    ["adds_column", `ALTER TABLE "organization" ADD COLUMN "more" TEXT;`],
    [
      "adds_key",
      `ALTER TABLE "department" ADD CONSTRAINT "department_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization_ids"("id") ON DELETE CASCADE NOT VALID;`,
    ],
    ["validates_key", `ALTER TABLE "department" VALIDATE CONSTRAINT "department_organization_id_fkey";`],
    [
      "builds_index",
      `-- For a test\nCREATE INDEX CONCURRENTLY IF NOT EXISTS "more_idx" ON "organization"("organization_id", "more");`,
    ],
    ["drops_index", `DROP INDEX CONCURRENTLY IF EXISTS "more_idx";`],
  ] as const
).map(([name, sql], at) => makeMigration(`${at}_${name}`, sql));

const [initial, ...later] = await readMigrations();

test("applies every migration beside a long transaction without delaying requests", async () => {
  const database = await makeDatabase();
  const [holder, other, watcher] = [await database.open(), await database.open(), await database.open()];
  const applied = initial ? [initial] : [];
  await applyMigrations(database.owner, applied);
  for (const migration of [...later, ...SAMPLES]) {
    await hold(holder);
    applied.push(migration);
    let isApplied = false;
    const applying = applyMigrations(database.owner, applied).finally(() => {
      isApplied = true;
    });
    await expect
      .poll(async () => isApplied || (await watcher.query(WAITS)).rowCount, { interval: 10 })
      .toBeTruthy();
    await request(other).catch((error: Error) => {
      throw new Error(`${migration.name}: ${error.message}`);
    });
    await holder.query("COMMIT");
    expect(await applying, migration.name).toEqual([migration.name]);
  }
});

test("builds a unique index from the beginning after its build failed", async () => {
  const database = await makeDatabase();
  const admin = await database.open();
  const made = makeMigration(
    "a_made",
    `${RECORDS} CREATE TABLE "made" (n INTEGER); INSERT INTO "made" VALUES (1), (1);`,
  );
  const index = makeMigration(
    "b_index",
    `CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "made_key" ON "made"(n);`,
  );
  await applyMigrations(database.owner, [made]);
  const isValid = async () =>
    (
      await admin.query<{ indisvalid: boolean }>(
        "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('made_key')",
      )
    ).rows[0]?.indisvalid;

  await expect(applyMigrations(database.owner, [made, index])).rejects.toThrow("could not create unique");
  expect(await isValid()).toBe(false);
  await admin.query("DELETE FROM made");
  await applyMigrations(database.owner, [made, index]);
  expect(await isValid()).toBe(true);
});

test("validates a foreign key against rows that row security hides, then forces row security again", async () => {
  const database = await makeDatabase();
  const admin = await database.open();
  const fence = (table: string) => `ALTER TABLE "${table}" ENABLE ROW LEVEL SECURITY;
    ALTER TABLE "${table}" FORCE ROW LEVEL SECURITY; CREATE POLICY "nobody" ON "${table}" USING (false);`;
  const made = makeMigration(
    "a_made",
    `${RECORDS} CREATE TABLE "parent" (id INTEGER PRIMARY KEY); CREATE TABLE "child" (id INTEGER);
      INSERT INTO "parent" VALUES (1); INSERT INTO "child" VALUES (1), (2);
      ALTER TABLE "child" ADD CONSTRAINT "child_fkey" FOREIGN KEY (id) REFERENCES "parent"(id) NOT VALID;
      ${fence("parent")} ${fence("child")}`,
  );
  const validation = makeMigration("b_validation", `ALTER TABLE "child" VALIDATE CONSTRAINT "child_fkey";`);
  await applyMigrations(database.owner, [made]);
  const state = async () =>
    (
      await admin.query<{ convalidated: boolean; forced: boolean }>(
        `SELECT convalidated, bool_and(relforcerowsecurity) AS forced FROM pg_constraint, pg_class
         WHERE conname = 'child_fkey' AND relname IN ('parent', 'child') GROUP BY 1`,
      )
    ).rows[0];

  await expect(applyMigrations(database.owner, [made, validation])).rejects.toThrow("violates foreign key");
  expect(await state()).toEqual({ convalidated: false, forced: true });
  await admin.query("DELETE FROM child WHERE id = 2");
  await applyMigrations(database.owner, [made, validation]);
  expect(await state()).toEqual({ convalidated: true, forced: true });
});

test("tries a migration once if it fails for a reason other than a lock", async () => {
  const database = await makeDatabase();
  const admin = await database.open();
  await admin.query("CREATE SEQUENCE tries; GRANT USAGE ON SEQUENCE tries TO dingkeep_owner");
  const failing = makeMigration("failing", "SELECT nextval('tries'); SELECT missing;");
  await expect(applyMigrations(database.owner, [failing])).rejects.toThrow("missing");
  expect((await admin.query("SELECT nextval('tries')::int AS next")).rows).toEqual([{ next: 2 }]);
});
