import { existsSync } from "node:fs";
import { migrateDatabase } from "./migrate-database";
import { chooseDatabase } from "./open-database";

/** `npm run migrate`: brings the database to what this version knows, and says what it did. */
async function main(): Promise<void> {
  if (existsSync(".env")) process.loadEnvFile(".env");
  const embedded = await chooseDatabase();
  const { DATABASE_URL = "", MIGRATION_DATABASE_URL } = process.env;
  if (!MIGRATION_DATABASE_URL)
    throw new Error("MIGRATION_DATABASE_URL is missing: the address of the role that owns the tables.");
  const applicationRole = decodeURIComponent(new URL(DATABASE_URL).username);
  const applied = await migrateDatabase({ ownerUrl: MIGRATION_DATABASE_URL, applicationRole });
  console.log(applied.length === 0 ? "Nothing to migrate." : `Migrated: ${applied.join(", ")}`);
  if (embedded && !embedded.adopted) await embedded.stop();
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
