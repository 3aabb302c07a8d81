import { distributeNewTables, isDistributed, withoutPropagation } from "@/lib/db/citus";
import { migrate } from "@/lib/db/migrate";
import { readMigrations } from "@/lib/db/migrations";
import { installQueues } from "@/lib/jobs/install-queues";

type Target = {
  /** Address of the role that owns the tables. */
  readonly ownerUrl: string;
  /** The role that gets access to rows. */
  readonly applicationRole: string;
};

/**
 * Migrates tables and queues to the version of this build. Safe to run in several processes at once. On a Citus
 * coordinator it distributes the tables and keeps the queues on the coordinator.
 *
 * @returns the names of the migrations that were applied
 */
export async function migrateDatabase({ ownerUrl, applicationRole }: Target): Promise<string[]> {
  const migrations = await readMigrations();
  const distributed = await isDistributed(ownerUrl);
  const queuesUrl = distributed ? withoutPropagation(ownerUrl) : ownerUrl;
  return migrate(
    ownerUrl,
    applicationRole,
    () => installQueues(queuesUrl, applicationRole),
    distributed ? migrations.map((each) => ({ ...each, sql: distributeNewTables(each.sql) })) : migrations,
  );
}
