import pg from "pg";
import { afterAll, inject } from "vitest";
import { closeDatabase } from "@/lib/db/clients";
import { testEnvironment } from "./environment";

// A set-up file of the `citus` project: each test file finds the one database empty.

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

afterAll(closeDatabase);
