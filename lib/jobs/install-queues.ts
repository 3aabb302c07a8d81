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
    // Turns pg-boss's queue counts off until this time. Each count reads every waiting job whenever a worker looks for
    // lost jobs, and Dingkeep doesn't use the counts.
    await owner.query(`UPDATE ${SCHEMA}.version SET monitor_backoff_on = 'infinity'`);
  } finally {
    await owner.end();
  }
}

/** Creates or updates pg-boss's schema and the queues as the owner, so that the application needs no DDL rights. */
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
