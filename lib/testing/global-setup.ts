import pg from "pg";
import type { TestProject } from "vitest/node";
import { migrateDatabase } from "@/server/migrate-database";
import { startEmbeddedPostgres } from "@/server/postgres/embedded-postgres";
import { startPooler } from "./pooler";
import { databaseUrl, TEMPLATE } from "./test-databases";

declare module "vitest" {
  interface ProvidedContext {
    postgres: { adminUrl: string; ownerUrl: string; appUrl: string; pooledUrl: string | null };
  }
}

/** Tests need no durability, because nothing survives the run. Autovacuum would visit each file's database. */
const SETTINGS = { fsync: "off", synchronous_commit: "off", full_page_writes: "off", autovacuum: "off" };

async function makeTemplate(adminUrl: string, ownerUrl: string): Promise<void> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  const { rows } = await admin.query<{ datname: string }>(
    "SELECT datname FROM pg_database WHERE datname LIKE '%\\_test'",
  );
  for (const { datname } of rows) {
    await admin.query(`ALTER DATABASE "${datname}" WITH ALLOW_CONNECTIONS true`);
    await admin.query(`DROP DATABASE "${datname}" WITH (FORCE)`);
  }
  await admin.query(`CREATE DATABASE ${TEMPLATE} OWNER dingkeep_owner`);
  await migrateDatabase({ ownerUrl: databaseUrl(ownerUrl, TEMPLATE), applicationRole: "dingkeep_app" });
  await admin.query(`ALTER DATABASE ${TEMPLATE} WITH ALLOW_CONNECTIONS false`);
  await admin.end();
}

/** Starts a PostgreSQL with the migrated template that each database test file copies. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const postgres = await startEmbeddedPostgres(`${process.cwd()}/.data/test`, SETTINGS);
  await makeTemplate(postgres.adminUrl, postgres.ownerUrl);
  const { adminUrl, ownerUrl, appUrl } = postgres;
  const { TEST_POOLER } = process.env;
  const pooler = TEST_POOLER ? await startPooler(TEST_POOLER, appUrl, postgres.home) : null;
  project.provide("postgres", { adminUrl, ownerUrl, appUrl, pooledUrl: pooler?.url ?? null });
  return async () => {
    pooler?.stop();
    await postgres.stop();
  };
}
