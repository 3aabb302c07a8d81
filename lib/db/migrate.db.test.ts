import { randomBytes } from "node:crypto";
import pg from "pg";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { startProgram } from "@/lib/testing/program";
import { migrateDatabase } from "@/server/migrate-database";
import { migrate } from "./migrate";
import { type Migration, readMigrations } from "./migrations";

const APPLICATION = "dingkeep_app";
const { TEST_ADMIN_URL = "", MIGRATION_DATABASE_URL = "", DATABASE_URL = "" } = process.env;

const inDatabase = (url: string, database: string) =>
  Object.assign(new URL(url), { pathname: `/${database}` }).href;

const nothing = async () => {};
const run = (migrations: readonly Migration[], alsoWhileLocked = nothing) =>
  migrate(ownerUrl, APPLICATION, alsoWhileLocked, migrations);

/** A migration beyond those of the project, whose names sort before it. */
const makeMigration = (name: string, sql: string, kind: Migration["kind"] = "expands"): Migration => ({
  name: `29990101000000_${name}`,
  kind,
  sql: `-- ${kind}: for a test\n${sql}`,
});

let ours: Migration[];
let adminUrl: string;
let ownerUrl: string;
let admin: pg.Client;

async function makeDatabase(): Promise<string> {
  const name = `${randomBytes(6).toString("hex")}_test`;
  const maker = new pg.Client({ connectionString: TEST_ADMIN_URL });
  await maker.connect();
  await maker.query(`CREATE DATABASE "${name}" OWNER dingkeep_owner`);
  await maker.end();
  return name;
}

async function open(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

const ask = async <T>(sql: string) => (await admin.query({ text: sql, rowMode: "array" })).rows.flat() as T[];

beforeEach(async () => {
  ours = await readMigrations();
  const database = await makeDatabase();
  adminUrl = inDatabase(TEST_ADMIN_URL, database);
  ownerUrl = inDatabase(MIGRATION_DATABASE_URL, database);
  admin = await open(adminUrl);
});

const names = () => ours.map(({ name }) => name);
const has = async (table: string) => (await ask(`SELECT to_regclass('${table}') IS NOT NULL`))[0];
const kinds = () => ask<string>("SELECT name || ' ' || kind FROM applied_migration ORDER BY name");

test("applies each migration once and records its kind", async () => {
  expect(await run(ours)).toEqual(names());
  expect(await run(ours)).toEqual([]);

  expect(await kinds()).toEqual(ours.map(({ name, kind }) => `${name} ${kind}`));
});

test("applies each migration once when two processes start at the same time", async () => {
  const migrator = `
    import { migrateDatabase } from "@/server/migrate-database";
    console.log("applied " + JSON.stringify(await migrateDatabase({ ownerUrl: process.argv[2], applicationRole: "dingkeep_app" })));
  `;
  const programs = await Promise.all([1, 2].map(() => startProgram(migrator, { args: [ownerUrl] })));
  const applied = await Promise.all(
    programs.map(
      async ({ line }) => JSON.parse((await line("applied")).slice("applied ".length)) as string[],
    ),
  );

  expect(applied.flat().sort()).toEqual(names());
});

test("rolls back a migration that fails, names it in the error, and keeps the records of earlier ones", async () => {
  const good = makeMigration("a_good", "CREATE TABLE good ();", "contracts");
  const bad = makeMigration("b_bad", "CREATE TABLE half (); INSERT INTO missing VALUES (1);");
  await expect(run([...ours, good, bad])).rejects.toThrow(
    `The migration ${bad.name} failed: relation "missing" does not exist`,
  );

  expect([await has("good"), await has("half")]).toEqual([true, false]);
  expect((await kinds()).slice(ours.length)).toEqual([`${good.name} contracts`]);
});

test("retries a failed migration at the next start, with its corrected text", async () => {
  const bad = makeMigration("bad", "CREATE TABLE made (); INSERT INTO missing VALUES (1);");
  await expect(run([...ours, bad])).rejects.toThrow(bad.name);
  await expect(run([...ours, bad])).rejects.toThrow(`${bad.name} failed: relation "missing"`);
  const good = { ...bad, sql: "-- expands: for a test\nCREATE TABLE made ();" };

  expect(await run([...ours, good])).toEqual([good.name]);
  expect(await run([...ours, good])).toEqual([]);
  expect(await has("made")).toBe(true);
});

test("applies a migration again after the process that was applying it was killed", async () => {
  const slow = makeMigration("slow", "CREATE TABLE made (); SELECT pg_advisory_xact_lock(1);");
  await run(ours);
  await admin.query("SELECT pg_advisory_lock(1)");
  const program = await startProgram(
    `import { migrate } from "@/lib/db/migrate";
     import { readMigrations } from "@/lib/db/migrations";
     const all = [...(await readMigrations()), JSON.parse(process.argv[3])];
     await migrate(process.argv[2], "dingkeep_app", async () => {}, all);`,
    { args: [ownerUrl, JSON.stringify(slow)] },
  );
  const waiting = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = 1 AND NOT granted";
  await expect.poll(() => ask(waiting)).toHaveLength(1);
  program.child.kill("SIGKILL");
  await program.ended;
  // PostgreSQL does so itself as soon as it writes to the dead process.
  await ask(`SELECT pg_terminate_backend(pid) FROM (${waiting}) w`);
  await admin.query("SELECT pg_advisory_unlock(1)");

  expect(await run([...ours, slow])).toEqual([slow.name]);
  expect(await has("made")).toBe(true);
});

test("applies nothing of a migration whose record can't be written", async () => {
  await run(ours);
  const made = makeMigration("made", "CREATE TABLE made ();", "contracts");
  await admin.query(`ALTER TABLE applied_migration ADD CONSTRAINT refused CHECK (name <> '${made.name}')`);
  await expect(run([...ours, made])).rejects.toThrow(`${made.name} failed`);

  expect(await has("made")).toBe(false);
});

test("builds an index concurrently while another process waits to migrate", async () => {
  await run([...ours, makeMigration("a_table", "CREATE TABLE made (n integer);")]);
  const holder = await open(adminUrl);
  await holder.query("BEGIN; INSERT INTO made VALUES (1)");
  const index = makeMigration("b_index", 'CREATE INDEX CONCURRENTLY IF NOT EXISTS "made_n" ON "made"(n);');
  const migrations = [...ours, index];
  const builds = "SELECT FROM pg_stat_progress_create_index WHERE datname = current_database()";
  const first = run(migrations);
  await expect.poll(async () => (await admin.query(builds)).rowCount).toBe(1);
  const second = run(migrations);
  const waiters =
    "SELECT FROM pg_stat_activity WHERE datname = current_database() AND usename = 'dingkeep_owner'";
  await expect.poll(async () => (await admin.query(waiters)).rowCount).toBe(2);
  await holder.query("COMMIT");

  expect(await Promise.all([first, second])).toEqual([[index.name], []]);
});

test("runs scripts with semicolons in strings, comments and function bodies", async () => {
  const tricky = makeMigration(
    "tricky",
    `-- it's; here
     CREATE TABLE said AS SELECT 'a;b' AS text; /* ; */
     DO $$ BEGIN INSERT INTO said VALUES (';'); END; $$ -- at the end`,
  );
  await run([...ours, tricky]);

  expect(await ask("SELECT text FROM said ORDER BY text")).toEqual([";", "a;b"]);
});

test("S13 lets the application change rows, but neither the schema nor the list of applied migrations", async () => {
  await migrateDatabase({ ownerUrl, applicationRole: APPLICATION });
  const application = await open(inDatabase(DATABASE_URL, new URL(ownerUrl).pathname.slice(1)));
  const refused = async (sql: string) =>
    application.query(sql).then(
      () => "allowed",
      (error: { code: string }) => error.code,
    );

  expect((await application.query("SELECT name FROM applied_migration")).rowCount).toBe(ours.length);
  const statements = [
    "DELETE FROM applied_migration",
    "UPDATE applied_migration SET kind = 'expands'",
    "INSERT INTO applied_migration (name, kind) VALUES ('x', 'expands')",
    "TRUNCATE organization_ids CASCADE",
    "CREATE TABLE own ()",
    "ALTER TABLE organization NO FORCE ROW LEVEL SECURITY",
    "ALTER TABLE organization DISABLE ROW LEVEL SECURITY",
    "DROP POLICY tenant ON organization",
    "CREATE SCHEMA own",
    "CREATE TABLE pgboss.own ()",
    "SET ROLE dingkeep_owner",
  ];
  const INSUFFICIENT_PRIVILEGE = "42501";
  for (const statement of statements) {
    expect(await refused(statement), statement).toBe(INSUFFICIENT_PRIVILEGE);
  }
});

test("quotes the name of the application role", async () => {
  // Roles belong to the whole server, which an interrupted run may have left with one of this name.
  const role = `odd${process.pid}"role; DROP TABLE users`;
  await admin.query(`CREATE ROLE "${role.replaceAll('"', '""')}"`);
  await migrate(ownerUrl, role, nothing, ours);

  expect(
    await ask(
      `SELECT has_table_privilege(rolname, 'users', 'INSERT') FROM pg_roles WHERE rolname LIKE 'odd${process.pid}%'`,
    ),
  ).toEqual([true]);
  await admin.query(`DROP OWNED BY "${role.replaceAll('"', '""')}"`);
  await admin.query(`DROP ROLE "${role.replaceAll('"', '""')}"`);
});

test("holds the lock during further work, and survives the loss of its connection meanwhile", async () => {
  const isOurs = `(classid::bigint << 32) | objid::bigint = 7234019442`;
  const holders = `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND ${isOurs}
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
  let held = 0;
  await run(ours, async () => {
    held = (await ask(holders)).length;
    await ask(`SELECT pg_terminate_backend(pid, 5000) FROM (${holders}) h`);
  });

  expect(held).toBe(1);
});
