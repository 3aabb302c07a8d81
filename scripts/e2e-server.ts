import { join } from "node:path";
import pg from "pg";
import { closeDatabase } from "@/lib/db/clients";
import { testEnvironment } from "@/lib/testing/environment";
import { startEmbeddedPostgres } from "./embedded-postgres";
import { DATA_FOLDER } from "./local-settings";
import { onStop } from "./on-stop";
import { readyDatabase } from "./open-database";
import { startServer } from "./server";

const HOST = "127.0.0.1";
const DATABASE = "e2e_test";

/** The built product as `npm start` runs it, on an empty database of its own: what Playwright drives. */
async function main(): Promise<void> {
  const port = process.env.E2E_PORT ?? "3199";
  const postgres = await startEmbeddedPostgres(join(DATA_FOLDER, "e2e"), {
    fsync: "off",
    synchronous_commit: "off",
  });
  const admin = new pg.Client({ connectionString: postgres.adminUrl });
  await admin.connect();
  await admin.query(`DROP DATABASE IF EXISTS ${DATABASE} WITH (FORCE)`);
  await admin.query(`CREATE DATABASE ${DATABASE} OWNER dingkeep_owner`);
  await admin.end();
  const inDatabase = (url: string) => Object.assign(new URL(url), { pathname: `/${DATABASE}` }).href;
  Object.assign(process.env, testEnvironment(), {
    NODE_ENV: "production",
    PORT: port,
    NEXTAUTH_URL: `http://${HOST}:${port}`,
    DATABASE_URL: inDatabase(postgres.appUrl),
    MIGRATION_DATABASE_URL: inDatabase(postgres.ownerUrl),
    LOG_LEVEL: "warn",
    // Every browser of the suite comes from this address; each names one of its own, as behind a proxy.
    TRUSTED_PROXIES: HOST,
  });
  await readyDatabase();
  const server = await startServer({ host: HOST });
  onStop([() => server.close(), closeDatabase, () => postgres.stop()]);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
