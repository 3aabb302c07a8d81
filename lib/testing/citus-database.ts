import pg from "pg";
import { afterAll, inject } from "vitest";
import { testEnvironment } from "./environment";
import { forgetEarlierFiles } from "./fresh-process";

// Setup file of the `citus` project: empties the shared database before each test file.

forgetEarlierFiles();
const { adminUrl, ownerUrl, appUrl } = inject("citus");

/**
 * Deletes the rows of one node's shards. A TRUNCATE on the coordinator would take seconds, because it visits every shard.
 */
const EMPTY_SHARDS = `DO $$ DECLARE name text; BEGIN
  SET LOCAL session_replication_role = replica;
  SET LOCAL citus.enable_manual_changes_to_shards = on;
  FOR name IN SELECT shard_name(logicalrelid, shardid) FROM pg_dist_shard JOIN pg_dist_placement USING (shardid)
    WHERE groupid = (SELECT groupid FROM pg_dist_local_group)
  LOOP EXECUTE 'DELETE FROM ' || name; END LOOP;
END $$`;

async function asAdmin(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

await asAdmin(adminUrl, async (coordinator) => {
  const { rows } = await coordinator.query<{ hostname: string; port: string }>(
    "SELECT nodename AS hostname, nodeport::text AS port FROM pg_dist_node",
  );
  for (const node of rows) {
    await asAdmin(Object.assign(new URL(adminUrl), node).href, (client) => client.query(EMPTY_SHARDS));
  }
  // The key of the counters is sealed with a secret of the previous file.
  await coordinator.query("TRUNCATE throttle, counter_key, pgboss.job");
});

Object.assign(process.env, testEnvironment(), {
  DATABASE_URL: appUrl,
  MIGRATION_DATABASE_URL: ownerUrl,
  TEST_ADMIN_URL: adminUrl,
});

afterAll(async () => {
  // Imported here to get the modules of the test file, which were loaded after its mocks.
  const { closeDatabase } = await import("@/lib/db/connection-pools");
  const { closeNotifications } = await import("@/lib/db/notifications");
  // The next file counts connections of the same database.
  await closeNotifications();
  await closeDatabase();
});
