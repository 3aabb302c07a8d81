import { randomBytes } from "node:crypto";
import pg from "pg";
import { beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { ConfigurationError } from "@/lib/env";
import { replaceProcessValue } from "@/lib/process-wide";
import { pool } from "./clients";
import { readMigrations } from "./migrations";
import { assertApplicationRole, awaitSchema } from "./readiness";

const { TEST_ADMIN_URL = "", MIGRATION_DATABASE_URL = "" } = process.env;

const LIMITS = ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"];
const CAN_PASS = "can pass or change row security";
const UNLIMITED = "without statement_timeout, lock_timeout and idle_in_transaction_session_timeout";

let admin: pg.Client;

beforeAll(async () => {
  admin = new pg.Client({ connectionString: TEST_ADMIN_URL });
  await admin.connect();
  return () => admin.end();
});

/** For one test, what `pool()` gives has this address. */
function usePool(connectionString: string): void {
  const ours = pool();
  const other = new pg.Pool({ connectionString });
  replaceProcessValue("db.pool", other);
  onTestFinished(async () => {
    replaceProcessValue("db.pool", ours);
    await other.end();
  });
}

/** A role like the application's but for what `statements` give or take; `ROLE` in them is its name. */
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

describe("the application's role", () => {
  test("S13 S30 ours is accepted, and so is one that is made like it", async () => {
    await assertApplicationRole();
    await useRole("", []);
    await assertApplicationRole();
  });

  test.each([
    ["a superuser", "SUPERUSER", ""],
    ["one with BYPASSRLS", "BYPASSRLS", ""],
    ["one with CREATEROLE", "CREATEROLE", ""],
    ["one with CREATEDB", "CREATEDB", ""],
    ["one that may create in the schema", "", "GRANT CREATE ON SCHEMA public TO ROLE"],
    ["one that may empty a table", "", "GRANT TRUNCATE ON memberships TO ROLE"],
    [
      "one that owns a table, though it gave up its rights in it",
      "",
      "CREATE TABLE owned (); ALTER TABLE owned OWNER TO ROLE; REVOKE ALL ON owned FROM ROLE",
    ],
    ["one that inherits the owner's rights", "", "GRANT dingkeep_owner TO ROLE"],
  ])("S13 %s is refused", async (_, attributes, statement) => {
    await useRole(attributes, [statement]);
    await expect(assertApplicationRole()).rejects.toThrow(CAN_PASS);
    await expect(assertApplicationRole()).rejects.toBeInstanceOf(ConfigurationError);
  });

  test("S13 the owner is refused", async () => {
    usePool(MIGRATION_DATABASE_URL);
    await expect(assertApplicationRole()).rejects.toThrow(CAN_PASS);
  });

  test.each(LIMITS)("S30 one without %s is refused", async (missing) => {
    await useRole(
      "",
      [],
      LIMITS.filter((limit) => limit !== missing),
    );
    await expect(assertApplicationRole()).rejects.toThrow(UNLIMITED);
    await expect(assertApplicationRole()).rejects.toBeInstanceOf(ConfigurationError);
  });
});

describe("the schema", () => {
  const record = async (kind: string) => {
    await admin.query("INSERT INTO applied_migration (name, kind) VALUES ('29990101000000_x', $1)", [kind]);
    onTestFinished(async () => {
      await admin.query("DELETE FROM applied_migration WHERE name = '29990101000000_x'");
    });
  };

  test("is worked on when it is the build's own, and when a newer build expanded it", async () => {
    await awaitSchema();
    await record("expands");
    await awaitSchema();
  });

  test("is refused by name when a newer build contracted it", async () => {
    await record("contracts");
    await expect(awaitSchema()).rejects.toThrow("29990101000000_x");
    await expect(awaitSchema()).rejects.toBeInstanceOf(ConfigurationError);
  });

  test("is waited for while it is empty, and then while one migration is missing", async () => {
    const name = `${randomBytes(6).toString("hex")}_test`;
    await admin.query(`CREATE DATABASE "${name}"`);
    const inDatabase = (url: string) => Object.assign(new URL(url), { pathname: `/${name}` }).href;
    usePool(inDatabase(TEST_ADMIN_URL));
    const migrator = new pg.Client({ connectionString: inDatabase(TEST_ADMIN_URL) });
    await migrator.connect();
    onTestFinished(() => migrator.end());
    const migrations = (await readMigrations()).map(({ name }) => `('${name}', 'expands')`).join(", ");
    const looks = vi.spyOn(pool(), "query");
    let state = "waiting";
    const ready = awaitSchema().then(
      () => (state = "ready"),
      () => (state = "failed"),
    );
    const lookedAgain = () => {
      const before = looks.mock.settledResults.length;
      return expect.poll(() => looks.mock.settledResults.length).toBeGreaterThan(before);
    };
    await lookedAgain();
    await migrator.query("CREATE TABLE applied_migration (name text, kind text)");
    await lookedAgain();
    await new Promise(setImmediate);
    expect(state).toBe("waiting");
    await migrator.query(`INSERT INTO applied_migration VALUES ${migrations}`);
    expect(await ready).toBe("ready");
  });
});
