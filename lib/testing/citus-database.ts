import pg from "pg";
import { afterAll, inject } from "vitest";
import { testEnvironment } from "./environment";
import { forgetEarlierFiles } from "./fresh-process";

// A set-up file of the `citus` project: each test file finds the one database empty.

forgetEarlierFiles();
const { adminUrl, ownerUrl, appUrl } = inject("citus");

const admin = new pg.Client({ connectionString: adminUrl });
await admin.connect();
await admin.query("TRUNCATE organization_ids, users CASCADE");
// The key of the counters is sealed with a secret of the file before.
await admin.query("TRUNCATE throttle, counter_key, pgboss.job");
await admin.end();

Object.assign(process.env, testEnvironment(), {
  DATABASE_URL: appUrl,
  MIGRATION_DATABASE_URL: ownerUrl,
  TEST_ADMIN_URL: adminUrl,
});

afterAll(async () => {
  // Imported here: this is the file's own copy, loaded after its mocks.
  const { closeDatabase } = await import("@/lib/db/clients");
  await closeDatabase();
});
