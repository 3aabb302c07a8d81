import { migrate } from "@/lib/db/migrate";
import { installQueues } from "@/lib/jobs/install";

/** Brings tables and queues to what this build knows. Several processes may call it at once. */
export function migrateDatabase(target: { ownerUrl: string; applicationRole: string }): Promise<string[]> {
  const { ownerUrl, applicationRole } = target;
  return migrate(ownerUrl, applicationRole, () => installQueues(ownerUrl, applicationRole));
}
