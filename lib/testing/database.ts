import { randomBytes } from "node:crypto";
import pg from "pg";
import { afterAll, expect, inject } from "vitest";
import { testEnvironment } from "./environment";
import { forgetEarlierFiles } from "./fresh-process";
import { databaseUrl, TEMPLATE } from "./test-databases";
import { watchStatements } from "./watch-statements";

// A setup file of the `db` project: it runs before each test file's own imports and gives the file a database of its
// own, so that test files run beside each other and clean up nothing.

forgetEarlierFiles();
const { adminUrl, ownerUrl, appUrl, pooledUrl } = inject("postgres");
const name = `${randomBytes(6).toString("hex")}_test`;

async function asAdmin(statement: string): Promise<void> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  await admin.query(statement);
  await admin.end();
}

await asAdmin(`CREATE DATABASE "${name}" TEMPLATE ${TEMPLATE} OWNER dingkeep_owner STRATEGY wal_log`);
Object.assign(process.env, testEnvironment(), {
  DATABASE_URL: databaseUrl(pooledUrl ?? appUrl, name),
  ...(pooledUrl && { DATABASE_DIRECT_URL: databaseUrl(appUrl, name) }),
  MIGRATION_DATABASE_URL: databaseUrl(ownerUrl, name),
  // The superuser's address, for tests that look at everything; no code of the product reads it.
  TEST_ADMIN_URL: databaseUrl(adminUrl, name),
});

const statements = watchStatements(new URL(appUrl).username, expect.getState().testPath ?? "");

// The database itself stays until the next run's set-up: a test's own connections may outlive this hook. It runs
// after the file's own hooks, so what is looked at is all that the file left behind.
afterAll(async () => {
  // Imported here: these are the file's own copies, loaded after its mocks.
  const { closeDatabase } = await import("@/lib/db/clients");
  await closeDatabase();
  statements.stopWatching();
  // Row security hides a forgotten condition from every other assertion.
  expect([...statements.unnamed], "statements that don't name their organization").toEqual([]);
  const { assertQueueTellsNothing } = await import("./queue-tells-nothing");
  await assertQueueTellsNothing(databaseUrl(adminUrl, name));
});
