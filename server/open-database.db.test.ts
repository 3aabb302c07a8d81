import { randomBytes } from "node:crypto";
import pg from "pg";
import { expect, test } from "vitest";
import { makeApp } from "@/lib/testing/factories";
import { startProgram } from "@/lib/testing/program";

const READY = `
  import { joinLiveProcesses } from "./lib/key-rotation/live-process";
  import { readyDatabase } from "./server/open-database";
  readyDatabase().then(joinLiveProcesses).then(
    () => { console.log("ready"); process.exit(0); },
    (error) => { console.log(error.name + ": " + error.message); process.exit(1); },
  );`;

const { DATABASE_URL = "", MIGRATION_DATABASE_URL = "", TEST_ADMIN_URL = "" } = process.env;
/** A pooler knows only the roles that it was told of. */
const DIRECT_URL = process.env.DATABASE_DIRECT_URL ?? DATABASE_URL;

/** What a start says of these addresses. */
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

test("a start with both roles is ready", async () => {
  expect(await start({})).toBe("ready");
});

test("keys that lack one which something is sealed with are one sentence that names it", async () => {
  const keys = () => ({ ENCRYPTION_KEYS: `another:${randomBytes(32).toString("base64")}` });
  await makeApp({ appKey: "dingofkeys", appSecret: "a secret" });
  expect(await start(keys())).toMatch(
    /^ConfigurationError: ENCRYPTION_KEYS can't open what is sealed with the key test: .+\.$/,
  );
  expect(await start({})).toBe("ready");
});

test("S13 the owner is refused as the application's role, and keeps its rights", async () => {
  expect(await start({ DATABASE_URL: MIGRATION_DATABASE_URL })).toMatch(
    /^ConfigurationError: DATABASE_URL names/,
  );
  expect(await start({})).toBe("ready");
});

test("S13 a role that passes row security is refused before it is given any rows", async () => {
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
  "a start is refused when DATABASE_URL passes through a pooler in transaction mode without a direct address",
  async () => {
    expect(await start({ DATABASE_DIRECT_URL: "" })).toMatch(
      /^ConfigurationError: DATABASE_URL does not deliver notifications/,
    );
  },
);

test("a start is refused when DATABASE_DIRECT_URL leads to another database, where no notification arrives", async () => {
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
])("%s that leads nowhere is one sentence which names it, without the password", async (name, env) => {
  const said = await start(env);
  expect(said).toMatch(
    new RegExp(`^ConfigurationError: ${name} (leads into no database: .+|is wrong: .+)\\.$`),
  );
  expect(said).not.toContain(new URL(DATABASE_URL).password);
});
