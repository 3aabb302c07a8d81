import { distributeTables, isDistributed } from "@/lib/db/citus";
import { migrationTarget } from "@/server/database-addresses";
import { migrateDatabase } from "@/server/migrate-database";
import { runOnce } from "./run-once";

const PLAIN = `This is a plain PostgreSQL, so nothing was changed. A single PostgreSQL serves many organizations. docs/operators.md,
"Scale", says when and how to move to Citus. There, this command assigns the rows of each organization to one node.`;

/** `npm run db:distribute`: distributes the tables of a database that has become a Citus coordinator. */
async function main(): Promise<void> {
  if (!process.env.DATABASE_URL) {
    console.log(PLAIN);
    return;
  }
  const target = await migrationTarget();
  if (!target)
    throw new Error(
      "MIGRATION_DATABASE_URL is missing. Set it to the address of the role that owns the tables.",
    );
  if (!(await isDistributed(target.ownerUrl))) {
    console.log(PLAIN);
    return;
  }
  const placed = await distributeTables(target.ownerUrl);
  // Distributes tables that are new in this version, if there are any.
  await migrateDatabase(target);
  console.log(
    placed.length === 0 ? "All tables are distributed already." : `Distributed: ${placed.join(", ")}.`,
  );
}

runOnce(main);
