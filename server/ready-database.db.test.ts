import { randomBytes } from "node:crypto";
import pg from "pg";
import { expect, test } from "vitest";
import { makeApp } from "@/lib/testing/factories";
import { startProgram } from "@/lib/testing/program";

const READY = `
import { readyDatabase } from "./server/ready-database";
import { joinLiveProcesses } from "./lib/key-rotation/live-processes";
  readyDatabase().then(joinLiveProcesses).then(
    () => { console.log("ready"); process.exit(0); },
    (error) => { console.log(error.name + ": " + error.message); process.exit(1); },
  );`;

const { DATABASE_URL = "", MIGRATION_DATABASE_URL = "", TEST_ADMIN_URL = "" } = process.env;
/** A pooler knows only the roles in its configuration. */
const DIRECT_URL = process.env.DATABASE_DIRECT_URL ?? DATABASE_URL;

/** Returns the output of a start with these addresses. */
async function start(env: Record<string, string>): Promise<string> {
  return (await startProgram(READY, { env })).line();
}

async function all<T extends pg.QueryResultRow>(sql: string): Promise<T[]> {
  const admin = new pg.Client({ connectionString: TEST_ADMIN_URL });
  await admin.connect();
  const { rows } = await admin.query<T>(sql);
  await admin.end();
  return rows;
}

const elsewhere = (url: string, change: Partial<Pick<URL, "username" | "password" | "port">>) =>
  Object.assign(new URL(url), change).href;

test("a start with both roles becomes ready", async () => {
  expect(await start({})).toBe("ready");
});

test("names a missing encryption key that seals values in the database", async () => {
  const keys = () => ({ ENCRYPTION_KEYS: `another:${randomBytes(32).toString("base64")}` });
  await makeApp({ appKey: "dingofkeys", appSecret: "a secret" });
  expect(await start(keys())).toMatch(
    /^ConfigurationError: ENCRYPTION_KEYS can't open values sealed with the key test: .+\.$/,
  );
  expect(await start({})).toBe("ready");
});

test("S13 refuses the owner as the application's role, and keeps the owner's rights", async () => {
  expect(await start({ DATABASE_URL: MIGRATION_DATABASE_URL })).toMatch(
    /^ConfigurationError: DATABASE_URL names/,
  );
  expect(await start({})).toBe("ready");
});

test("S13 refuses a role that bypasses row security before it gets access to rows", async () => {
  const role = `strong_${process.pid}`;
  await all(`CREATE ROLE ${role} LOGIN BYPASSRLS PASSWORD 'x'`);
  const database = new URL(DATABASE_URL).pathname.slice(1);
  await all(`GRANT CONNECT ON DATABASE "${database}" TO ${role}`);
  try {
    const said = await start({ DATABASE_URL: elsewhere(DIRECT_URL, { username: role, password: "x" }) });
    expect(said).toMatch(/^ConfigurationError: DATABASE_URL names/);
    const [rights] = await all(`SELECT has_table_privilege('${role}', 'users', 'SELECT') AS may_read`);
    expect(rights).toEqual({ may_read: false });
  } finally {
    await all(`DROP OWNED BY ${role}`);
    await all(`DROP ROLE ${role}`);
  }
});

test.skipIf(DIRECT_URL === DATABASE_URL)(
  "refuses to start when DATABASE_URL is a pooler in transaction mode and no direct address is set",
  async () => {
    expect(await start({ DATABASE_DIRECT_URL: "" })).toMatch(
      /^ConfigurationError: DATABASE_URL does not deliver notifications/,
    );
  },
);

test("refuses to start when DATABASE_DIRECT_URL names a different database, where no notification arrives", async () => {
  const otherDatabase = Object.assign(new URL(DIRECT_URL), { pathname: "/postgres" }).href;
  expect(await start({ DATABASE_DIRECT_URL: otherDatabase })).toBe(
    `ConfigurationError: DATABASE_DIRECT_URL does not deliver notifications (LISTEN); set DATABASE_DIRECT_URL to an address of the same database that does not pass through a pooler in transaction mode.`,
  );
});

test.each([
  ["DATABASE_URL", { DATABASE_URL: elsewhere(DATABASE_URL, { password: "wrong" }) }],
  ["MIGRATION_DATABASE_URL", { MIGRATION_DATABASE_URL: elsewhere(MIGRATION_DATABASE_URL, { port: "1" }) }],
  ["DATABASE_DIRECT_URL", { DATABASE_DIRECT_URL: elsewhere(DATABASE_URL, { port: "1" }) }],
  ["DATABASE_URL", { DATABASE_URL: elsewhere(DATABASE_URL, { username: "", password: "" }) }],
])("names %s, without its password, when it leads to no database", async (name, env) => {
  const said = await start(env);
  expect(said).toMatch(
    new RegExp(`^ConfigurationError: (Cannot connect with ${name}: .+|${name} is not .+)\\.$`),
  );
  expect(said).not.toContain(new URL(DATABASE_URL).password);
});
