import { chooseDatabase } from "@/server/choose-database";
import { migrationTarget } from "@/server/database-addresses";
import { migrateDatabase } from "@/server/migrate-database";
import { runOnce } from "./run-once";

/** `npm run migrate`: migrates the database to this version and prints the applied migrations. */
async function main(): Promise<void> {
  const embedded = await chooseDatabase();
  const target = await migrationTarget();
  if (!target)
    throw new Error(
      "MIGRATION_DATABASE_URL is missing. Set it to the address of the role that owns the tables.",
    );
  const applied = await migrateDatabase(target);
  console.log(applied.length === 0 ? "Nothing to migrate." : `Migrated: ${applied.join(", ")}`);
  if (embedded && !embedded.adopted) await embedded.stop();
}

runOnce(main);
