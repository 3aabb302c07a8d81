import { readFileSync } from "node:fs";
import { sqlOfSchema } from "@/lib/db/schema-engine";
import { chooseDatabase } from "@/server/open-database";

/** `node scripts/run.mjs schema-sql`: the SQL of `schema.prisma`, to take a new migration's statements from. */
await chooseDatabase();
process.stdout.write(
  await sqlOfSchema(process.env.MIGRATION_DATABASE_URL ?? "", readFileSync("prisma/schema.prisma", "utf8")),
);
process.exit(0);
