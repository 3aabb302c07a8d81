import pg from "pg";
import { PgBoss } from "pg-boss";
import { QUEUE_OPTIONS, QUEUES, SCHEMA } from "./queues";

const quoted = (identifier: string) => `"${identifier.replaceAll('"', '""')}"`;

async function grantQueue(ownerUrl: string, applicationRole: string): Promise<void> {
  const owner = new pg.Client({ connectionString: ownerUrl });
  owner.on("error", () => {});
  await owner.connect();
  const role = quoted(applicationRole);
  try {
    await owner.query(`GRANT USAGE ON SCHEMA ${SCHEMA} TO ${role}`);
    await owner.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${SCHEMA} TO ${role}`);
    await owner.query(`GRANT USAGE ON ALL SEQUENCES IN SCHEMA ${SCHEMA} TO ${role}`);
    await owner.query(`GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA ${SCHEMA} TO ${role}`);
    // Before this time pg-boss counts no queue. A count reads every job that waits, each time a worker looks for lost
    // jobs, and Dingkeep uses none of the counts.
    await owner.query(`UPDATE ${SCHEMA}.version SET monitor_backoff_on = 'infinity'`);
  } finally {
    await owner.end();
  }
}

/**
 * Makes or updates pg-boss's own schema and our queues in it, as the owner, so that the application
 * runs without DDL rights.
 */
export async function installQueues(ownerUrl: string, applicationRole: string): Promise<void> {
  const boss = new PgBoss({
    connectionString: ownerUrl,
    schema: SCHEMA,
    supervise: false,
    schedule: false,
    max: 2,
  });
  boss.on("error", () => {});
  await boss.start();
  try {
    for (const name of Object.keys(QUEUES) as (keyof typeof QUEUES)[]) {
      const options = { ...QUEUE_OPTIONS, ...QUEUES[name].options };
      const deadLetter = `${name}.dead`;
      const kept = { retentionSeconds: QUEUE_OPTIONS.deleteAfterSeconds };
      await boss.createQueue(deadLetter, kept);
      await boss.updateQueue(deadLetter, kept);
      await boss.createQueue(name, { ...options, deadLetter });
      const { policy: _, ...changeable } = options;
      await boss.updateQueue(name, changeable);
    }
  } finally {
    await boss.stop({ graceful: false });
  }
  await grantQueue(ownerUrl, applicationRole);
}
