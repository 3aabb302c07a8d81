import { assertApplicationRole } from "@/lib/db/application-role";
import { assertSettingsReachNodes } from "@/lib/db/citus";
import { assertNotificationsArrive } from "@/lib/db/notifications";
import { awaitSchema } from "@/lib/db/schema-compatibility";
import { checkAddresses } from "./database-addresses";
import { migrateDatabase } from "./migrate-database";

/** Migrates if the owner's address is set, then waits until schema and role fit this build. */
export async function readyDatabase(): Promise<void> {
  const target = await checkAddresses();
  // Runs before the migration too: a role that bypasses row security must not get access to rows, and an owner
  // configured as the application would lose rights.
  await assertApplicationRole();
  if (target) await migrateDatabase(target);
  await awaitSchema();
  await assertApplicationRole();
  await assertSettingsReachNodes();
  await assertNotificationsArrive();
}
