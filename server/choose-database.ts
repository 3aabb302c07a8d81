import { join } from "node:path";
import { parseEnv } from "@/lib/env";
import { DATA_FOLDER } from "./local-settings";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "./postgres/embedded-postgres";
import type { Step } from "./shutdown";
import { lockFolder } from "./single-instance";

/** Starts the embedded PostgreSQL and sets the database addresses, unless DATABASE_URL is set. */
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

/** Placeholders for addresses that are known only after the embedded PostgreSQL and the server have started. */
const NOT_YET = { DATABASE_URL: "postgresql://embedded", NEXTAUTH_URL: "http://localhost" };

/**
 * Does what `chooseDatabase` does for the one process that owns the embedded PostgreSQL of a folder: restarts
 * PostgreSQL when it ends, and adds a step to `running` that stops it.
 *
 * @throws {ConfigurationError} when a variable is invalid, or another process runs from this folder
 */
export async function ownDatabase(running: Step[]): Promise<void> {
  // Comes before any start, so that a mistyped value is the only thing reported.
  const given = Object.entries(process.env).filter(([, value]) => value !== "");
  const isGiven = Boolean(process.env.DATABASE_URL);
  parseEnv({ ...(isGiven ? {} : NOT_YET), ...Object.fromEntries(given) });
  if (isGiven) return;
  await lockFolder(DATA_FOLDER);
  const starting = chooseDatabase();
  // A signal during the start must not leave PostgreSQL running.
  running.unshift(async () => (await starting.catch(() => null))?.stop());
  (await starting)?.supervise();
}
