import { randomBytes } from "node:crypto";
import pg from "pg";
import { afterAll, expect, inject } from "vitest";
import { testEnvironment } from "./environment";
import { forgetEarlierFiles } from "./fresh-process";
import { databaseUrl, TEMPLATE } from "./test-databases";
import { watchStatements } from "./watch-statements";

// Setup file of the `db` project. Gives each test file its own database before the file's imports, so that files run in
// parallel and clean up nothing.

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
  // Address as superuser, for tests only.
  TEST_ADMIN_URL: databaseUrl(adminUrl, name),
});

const statements = watchStatements(new URL(appUrl).username, expect.getState().testPath ?? "");

// Runs after the file's own hooks and checks its data. The next run's setup drops the database, because connections of a
// test may outlive this hook.
afterAll(async () => {
  // Imported here to get the modules of the test file, which were loaded after its mocks.
  const { closeDatabase } = await import("@/lib/db/connection-pools");
  await closeDatabase();
  statements.stopWatching();
  // No other assertion notices a missing condition, because row security hides it.
  expect([...statements.unnamed], "statements that don't name their organization").toEqual([]);
  const { assertCleanQueue } = await import("./assert-clean-queue");
  await assertCleanQueue(databaseUrl(adminUrl, name));
});
