import { isDistributed, placeTables, withoutPropagation } from "@/lib/db/citus";
import { migrate } from "@/lib/db/migrate";
import { readMigrations } from "@/lib/db/migrations";
import { installQueues } from "@/lib/jobs/install";

type Target = {
  /** Address of the role that owns the tables. */
  readonly ownerUrl: string;
  /** The role that is given the rows. */
  readonly applicationRole: string;
};

/**
 * Brings tables and queues to what this build knows; on a coordinator of Citus the tables are distributed, and
 * the queues stay there. Several processes may call it at once.
 *
 * @returns the migrations that were applied now
 */
export async function migrateDatabase({ ownerUrl, applicationRole }: Target): Promise<string[]> {
  const migrations = await readMigrations();
  const distributed = await isDistributed(ownerUrl);
  const queuesUrl = distributed ? withoutPropagation(ownerUrl) : ownerUrl;
  return migrate(
    ownerUrl,
    applicationRole,
    () => installQueues(queuesUrl, applicationRole),
    distributed ? migrations.map((each) => ({ ...each, sql: placeTables(each.sql) })) : migrations,
  );
}
