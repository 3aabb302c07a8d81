import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { assertApplicationRole, awaitSchema } from "@/lib/db/readiness";
import { ConfigurationError } from "@/lib/env";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "./embedded-postgres";
import { holdFileLock } from "./file-lock";
import { DATA_FOLDER } from "./local-settings";
import { migrateDatabase } from "./migrate-database";

/** Sets the database's addresses: those that were given, or those of the embedded PostgreSQL, which is started. */
export async function chooseDatabase(folder = DATA_FOLDER): Promise<EmbeddedPostgres | null> {
  if (process.env.DATABASE_URL) return null;
  const embedded = await startEmbeddedPostgres(folder);
  process.env.DATABASE_URL = embedded.appUrl;
  process.env.MIGRATION_DATABASE_URL = embedded.ownerUrl;
  if (embedded.home.isElsewhere) {
    console.log(
      `PostgreSQL keeps its data in ${join(embedded.home.data)}: its user may not enter this folder.`,
    );
  }
  return embedded;
}

/**
 * `chooseDatabase` for whoever stops the embedded PostgreSQL again at its end: one at a time, or the first to
 * end would take it from the others.
 *
 * @throws {ConfigurationError} when another one runs from this folder
 */
export async function ownDatabase(): Promise<EmbeddedPostgres | null> {
  mkdirSync(DATA_FOLDER, { recursive: true });
  if (!process.env.DATABASE_URL && !holdFileLock(join(DATA_FOLDER, "running.lock"))) {
    throw new ConfigurationError(
      "Dingkeep runs from this folder already; stop it first, or set DATABASE_URL.",
    );
  }
  return chooseDatabase();
}

/** Migrates if the owner's address is known, and then waits for a schema and a role that this build can work with. */
export async function readyDatabase(): Promise<void> {
  const { DATABASE_URL = "", MIGRATION_DATABASE_URL } = process.env;
  if (MIGRATION_DATABASE_URL) {
    const applicationRole = decodeURIComponent(new URL(DATABASE_URL).username);
    await migrateDatabase({ ownerUrl: MIGRATION_DATABASE_URL, applicationRole });
  }
  await awaitSchema();
  await assertApplicationRole();
}
