import { sqlOfSchema } from "@/prisma/sql-of-schema";
import { chooseDatabase } from "@/server/choose-database";

/** `node scripts/run.mjs schema-sql`: prints the SQL of `schema.prisma`, from which new migrations are written. */
await chooseDatabase();
process.stdout.write(await sqlOfSchema(process.env.MIGRATION_DATABASE_URL ?? ""));
process.exit(0);
