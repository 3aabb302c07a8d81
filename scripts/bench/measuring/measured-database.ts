import { join } from "node:path";
import pg from "pg";
import { closeDatabase } from "@/lib/db/clients";
import { closeNotifications } from "@/lib/db/notifications";
import { testEnvironment } from "@/lib/testing/environment";
import { DATA_FOLDER } from "@/server/local-settings";
import { readyDatabase } from "@/server/open-database";
import { startEmbeddedPostgres } from "@/server/postgres/embedded-postgres";
import { onStop } from "@/server/signals";

/** An empty, migrated database on a real PostgreSQL, for a measurement. */
export type MeasuredDatabase = {
  readonly version: string;
  /** What a superuser sees, behind all fences. */
  readonly admin: pg.Pool;
  close(): Promise<void>;
};

/**
 * Makes one, and configures this process and those that it starts for it. Its settings are those of `npm start`,
 * so that a write costs what it costs there.
 *
 * @param name of the database and of its folder; one that is there is dropped
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
  // Nothing here may end the measurement but its own failure.
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
