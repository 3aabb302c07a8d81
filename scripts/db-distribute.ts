import { distributeTables, isDistributed } from "@/lib/db/citus";
import { migrateDatabase } from "@/server/migrate-database";
import { migrationTarget } from "@/server/open-database";
import { runOnce } from "./run-once";

const PLAIN = `This is a plain PostgreSQL, and nothing was changed. One of it serves many organizations; README, "Running at scale",
says when and how to go to a distributed one. There this command gives every organization's rows to one of several nodes.`;

/** `npm run db:distribute`: gives the tables of a database that has become a coordinator of Citus their places. */
async function main(): Promise<void> {
  if (!process.env.DATABASE_URL) {
    console.log(PLAIN);
    return;
  }
  const target = await migrationTarget();
  if (!target)
    throw new Error("MIGRATION_DATABASE_URL is missing: the address of the role that owns the tables.");
  if (!(await isDistributed(target.ownerUrl))) {
    console.log(PLAIN);
    return;
  }
  const placed = await distributeTables(target.ownerUrl);
  // What is new in this version's schema, if anything, and gets its places by itself.
  await migrateDatabase(target);
  console.log(
    placed.length === 0 ? "Every table has its place already." : `Distributed: ${placed.join(", ")}.`,
  );
}

runOnce(main);
