import { randomBytes } from "node:crypto";
import pg from "pg";
import { beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { ConfigurationError } from "@/lib/env";
import { replaceProcessValue } from "@/lib/process-wide";
import { assertApplicationRole } from "./application-role";
import { pool } from "./connection-pools";
import { readMigrations } from "./migrations";
import { awaitSchema } from "./schema-compatibility";

const { TEST_ADMIN_URL = "", MIGRATION_DATABASE_URL = "" } = process.env;

const LIMITS = ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"];
const CAN_BYPASS = "can bypass or change row security";
const UNLIMITED = "without statement_timeout, lock_timeout and idle_in_transaction_session_timeout";

let admin: pg.Client;

beforeAll(async () => {
  admin = new pg.Client({ connectionString: TEST_ADMIN_URL });
  await admin.connect();
  return () => admin.end();
});

/** Replaces the pool for one test. */
function usePool(connectionString: string): void {
  const ours = pool();
  const other = new pg.Pool({ connectionString });
  replaceProcessValue("db.pool", other);
  onTestFinished(async () => {
    replaceProcessValue("db.pool", ours);
    await other.end();
  });
}

/** Uses a role like the application's, changed by `statements`, in which `ROLE` is its name. */
async function useRole(attributes: string, statements: readonly string[], limits = LIMITS): Promise<void> {
  const role = `role_${randomBytes(4).toString("hex")}`;
  await admin.query(`CREATE ROLE ${role} LOGIN PASSWORD 'x' ${attributes}`);
  const database = new URL(TEST_ADMIN_URL).pathname.slice(1);
  await admin.query(`GRANT CONNECT ON DATABASE "${database}" TO ${role}`);
  await admin.query(`GRANT USAGE ON SCHEMA public TO ${role}`);
  await admin.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${role}`);
  for (const limit of limits) await admin.query(`ALTER ROLE ${role} SET ${limit} = '5s'`);
  for (const statement of statements) await admin.query(statement.replaceAll("ROLE", role));
  onTestFinished(async () => {
    await admin.query(`DROP OWNED BY ${role}`);
    await admin.query(`DROP ROLE ${role}`);
  });
  usePool(Object.assign(new URL(TEST_ADMIN_URL), { username: role, password: "x" }).href);
}

describe("assertApplicationRole", () => {
  test("S13 S30 accepts the application's role and one made like it", async () => {
    await assertApplicationRole();
    await useRole("", []);
    await assertApplicationRole();
  });

  test.each([
    ["a superuser", "SUPERUSER", ""],
    ["a role with BYPASSRLS", "BYPASSRLS", ""],
    ["a role with CREATEROLE", "CREATEROLE", ""],
    ["a role with CREATEDB", "CREATEDB", ""],
    ["a role that may create tables", "", "GRANT CREATE ON SCHEMA public TO ROLE"],
    ["a role that may truncate a table", "", "GRANT TRUNCATE ON memberships TO ROLE"],
    [
      "a role that owns a table, even without rights in it",
      "",
      "CREATE TABLE owned (); ALTER TABLE owned OWNER TO ROLE; REVOKE ALL ON owned FROM ROLE",
    ],
    ["a role that inherits the owner's rights", "", "GRANT dingkeep_owner TO ROLE"],
  ])("S13 refuses to start with %s", async (_, attributes, statement) => {
    await useRole(attributes, [statement]);
    await expect(assertApplicationRole()).rejects.toThrow(CAN_BYPASS);
    await expect(assertApplicationRole()).rejects.toBeInstanceOf(ConfigurationError);
  });

  test("S13 refuses to start with the owner's role", async () => {
    usePool(MIGRATION_DATABASE_URL);
    await expect(assertApplicationRole()).rejects.toThrow(CAN_BYPASS);
  });

  test.each(LIMITS)("S30 refuses to start with a role without %s", async (missing) => {
    await useRole(
      "",
      [],
      LIMITS.filter((limit) => limit !== missing),
    );
    await expect(assertApplicationRole()).rejects.toThrow(UNLIMITED);
    await expect(assertApplicationRole()).rejects.toBeInstanceOf(ConfigurationError);
  });
});

describe("awaitSchema", () => {
  const record = async (kind: string) => {
    await admin.query("INSERT INTO applied_migration (name, kind) VALUES ('29990101000000_x', $1)", [kind]);
    onTestFinished(async () => {
      await admin.query("DELETE FROM applied_migration WHERE name = '29990101000000_x'");
    });
  };

  test("accepts the schema of this build and one that a newer build expanded", async () => {
    await awaitSchema();
    await record("expands");
    await awaitSchema();
  });

  test("names the migration by which a newer build contracted the schema", async () => {
    await record("contracts");
    await expect(awaitSchema()).rejects.toThrow("29990101000000_x");
    await expect(awaitSchema()).rejects.toBeInstanceOf(ConfigurationError);
  });

  test("waits while the schema is empty and while a migration is missing", async () => {
    const name = `${randomBytes(6).toString("hex")}_test`;
    await admin.query(`CREATE DATABASE "${name}"`);
    const inDatabase = (url: string) => Object.assign(new URL(url), { pathname: `/${name}` }).href;
    usePool(inDatabase(TEST_ADMIN_URL));
    const migrator = new pg.Client({ connectionString: inDatabase(TEST_ADMIN_URL) });
    await migrator.connect();
    onTestFinished(() => migrator.end());
    const migrations = (await readMigrations()).map(({ name }) => `('${name}', 'expands')`).join(", ");
    const queries = vi.spyOn(pool(), "query");
    let state = "waiting";
    const ready = awaitSchema().then(
      () => (state = "ready"),
      () => (state = "failed"),
    );
    const polledAgain = () => {
      const before = queries.mock.settledResults.length;
      return expect.poll(() => queries.mock.settledResults.length).toBeGreaterThan(before);
    };
    await polledAgain();
    await migrator.query("CREATE TABLE applied_migration (name text, kind text)");
    await polledAgain();
    await new Promise(setImmediate);
    expect(state).toBe("waiting");
    await migrator.query(`INSERT INTO applied_migration VALUES ${migrations}`);
    expect(await ready).toBe("ready");
  });
});
