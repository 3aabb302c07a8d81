import { join } from "node:path";
import pg from "pg";
import { closeDatabase } from "@/lib/db/connection-pools";
import { closeNotifications } from "@/lib/db/notifications";
import { testEnvironment } from "@/lib/testing/environment";
import { DATA_FOLDER } from "@/server/local-settings";
import { startEmbeddedPostgres } from "@/server/postgres/embedded-postgres";
import { readyDatabase } from "@/server/ready-database";
import { onStop } from "@/server/shutdown";

/** An empty, migrated database on a real PostgreSQL, for a measurement. */
export type MeasuredDatabase = {
  readonly version: string;
  /** Connections of the superuser, which bypass row security. */
  readonly admin: pg.Pool;
  close(): Promise<void>;
};

/**
 * Creates an empty, migrated database, and configures this process and its child processes for it. Its settings are
 * those of `npm start`, so that writes cost the same.
 *
 * @param name name of the database and of its folder; an existing database is dropped
 */
export async function openMeasuredDatabase(name: string): Promise<MeasuredDatabase> {
  const postgres = await startEmbeddedPostgres(join(DATA_FOLDER, name));
  onStop([() => postgres.stop()]);
  const inDatabase = (url: string) => Object.assign(new URL(url), { pathname: `/${name}` }).href;
  const maker = new pg.Client({ connectionString: postgres.adminUrl });
  await maker.connect();
  await maker.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  await maker.query(`CREATE DATABASE ${name} OWNER dingkeep_owner`);
  const { rows } = await maker.query<{ server_version: string }>("SHOW server_version");
  await maker.end();
  Object.assign(process.env, testEnvironment(), {
    NODE_ENV: "production",
    DATABASE_URL: inDatabase(postgres.appUrl),
    MIGRATION_DATABASE_URL: inDatabase(postgres.ownerUrl),
  });
  await readyDatabase();
  const admin = new pg.Pool({ connectionString: inDatabase(postgres.adminUrl), max: 4 });
  // A lost connection must not end the measurement.
  admin.on("error", () => {});
  return {
    version: rows[0]?.server_version.split(" ")[0] ?? "",
    admin,
    async close() {
      await admin.end();
      await closeNotifications();
      await closeDatabase();
      await postgres.stop();
    },
  };
}
