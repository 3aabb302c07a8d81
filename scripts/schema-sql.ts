import { readFileSync } from "node:fs";
import { sqlOfSchema } from "@/lib/db/schema-engine";
import { chooseDatabase } from "@/server/open-database";

/** `node scripts/run.mjs schema-sql`: prints the SQL of `schema.prisma`, from which new migrations are written. */
await chooseDatabase();
process.stdout.write(
  await sqlOfSchema(process.env.MIGRATION_DATABASE_URL ?? "", readFileSync("prisma/schema.prisma", "utf8")),
);
process.exit(0);
