import { randomUUID } from "node:crypto";
import pg from "pg";
import { fromPrisma, PgBoss } from "pg-boss";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { inOrganization } from "@/lib/db/unit-of-work";
import { startProgram } from "@/lib/testing/program";
import { installQueues } from "./install-queues";
import { QUEUE_OPTIONS, QUEUES, SCHEMA } from "./queues";

const { DATABASE_URL = "", MIGRATION_DATABASE_URL = "", TEST_ADMIN_URL = "" } = process.env;
const QUEUE = "housekeeping";
const DEAD = `${QUEUE}.dead`;

/** The options of the application's role, without anything that runs on a timer. */
const AS_APPLICATION = {
  connectionString: DATABASE_URL,
  schema: SCHEMA,
  migrate: false,
  createSchema: false,
};

let admin: pg.Client;
let boss: PgBoss;

beforeAll(async () => {
  admin = new pg.Client({ connectionString: TEST_ADMIN_URL });
  await admin.connect();
  return () => admin.end();
});

beforeEach(async () => {
  boss = new PgBoss({ ...AS_APPLICATION, supervise: false, schedule: false });
  boss.on("error", () => {});
  await boss.start();
});

afterEach(async () => {
  await boss.deleteAllJobs(QUEUE);
  await boss.deleteAllJobs(DEAD);
  await boss.stop({ graceful: false });
});

const stateOf = async (id: string | null) =>
  (await admin.query<{ state: string }>(`SELECT state FROM ${SCHEMA}.job WHERE id = $1`, [id])).rows[0]
    ?.state;

describe("installQueues", () => {
  test("turns off the count of every queue's jobs when a worker looks for lost ones", async () => {
    await boss.supervise();
    const { rows } = await admin.query<{ claimed: Date | null; counted: Date | null }>(
      `SELECT monitor_claim_on AS claimed, monitor_on AS counted FROM ${SCHEMA}.queue WHERE name = $1`,
      [QUEUE],
    );

    expect(rows).toEqual([{ claimed: expect.any(Date), counted: null }]);
  });

  test("creates every queue with its options and a dead-letter queue that keeps its jobs", async () => {
    const installed = new Map((await boss.getQueues()).map((queue) => [queue.name, queue]));
    for (const [name, { options }] of Object.entries(QUEUES)) {
      expect(installed.get(name), name).toMatchObject({
        ...QUEUE_OPTIONS,
        ...options,
        deadLetter: `${name}.dead`,
      });
      expect(installed.get(`${name}.dead`), name).toMatchObject({
        retentionSeconds: QUEUE_OPTIONS.deleteAfterSeconds,
        deadLetter: null,
      });
    }
  });

  test("restores the options of existing queues, and changes nothing else", async () => {
    const queues = async () =>
      (await boss.getQueues()).map(
        ({ name, policy, retryLimit, heartbeatSeconds, deadLetter, createdOn }) => ({
          name,
          policy,
          retryLimit,
          heartbeatSeconds,
          deadLetter,
          createdOn,
        }),
      );
    const before = await queues();
    const waiting = await boss.send(QUEUE, {});
    await admin.query(
      `UPDATE ${SCHEMA}.queue SET retry_limit = 99, heartbeat_seconds = NULL WHERE name = $1`,
      [QUEUE],
    );
    await installQueues(MIGRATION_DATABASE_URL, "dingkeep_app");

    expect(await queues()).toEqual(before);
    expect(await stateOf(waiting)).toBe("created");
  });

  test("installing queues does not disturb a process that sends and runs jobs meanwhile", async () => {
    await Promise.all([
      installQueues(MIGRATION_DATABASE_URL, "dingkeep_app"),
      ...Array.from({ length: 10 }, async () => boss.send(QUEUE, {}, { singletonKey: randomUUID() })),
    ]);
    const jobs = await boss.fetch(QUEUE, { batchSize: 20 });
    expect(jobs.length).toBeGreaterThan(0);
  });
});

describe("application's role, which may only change rows", () => {
  test("the role sends, takes, completes and schedules jobs", async () => {
    const id = await boss.send(QUEUE, {});
    const [job] = await boss.fetch(QUEUE);
    expect(job).toMatchObject({ id, data: {}, heartbeatSeconds: QUEUE_OPTIONS.heartbeatSeconds });
    await boss.touch(QUEUE, id ?? "");
    await boss.complete(QUEUE, id ?? "");
    expect(await stateOf(id)).toBe("completed");
    await boss.schedule(QUEUE, "7 3 * * *", {}, { tz: "Asia/Shanghai" });
    expect(await boss.getSchedules(QUEUE)).toMatchObject([{ cron: "7 3 * * *", timezone: "Asia/Shanghai" }]);
    await boss.unschedule(QUEUE);
    expect(await boss.getSchedules(QUEUE)).toEqual([]);
  });

  test("S13 the role can't change pg-boss's tables", async () => {
    const application = new pg.Client({ connectionString: DATABASE_URL });
    await application.connect();
    for (const sql of [
      `CREATE TABLE ${SCHEMA}.own ()`,
      `ALTER TABLE ${SCHEMA}.job ADD COLUMN own text`,
      `TRUNCATE ${SCHEMA}.job_common`,
      `DROP TABLE ${SCHEMA}.schedule`,
      `CREATE INDEX ON ${SCHEMA}.job_common (data)`,
    ]) {
      await expect(application.query(sql), sql).rejects.toMatchObject({ code: "42501" });
    }
    await application.end();
  });

  test("the role supervises and maintains queues", async () => {
    const supervisor = new PgBoss({
      ...AS_APPLICATION,
      maintenanceIntervalSeconds: 1,
      reindex: false,
      schedule: false,
    });
    const complaints: unknown[] = [];
    supervisor.on("error", (error) => complaints.push(error));
    supervisor.on("warning", (warning) => complaints.push(warning));
    await supervisor.start();
    const done = await boss.send(QUEUE, {});
    await boss.fetch(QUEUE);
    await boss.complete(QUEUE, done ?? "");
    await admin.query(`UPDATE ${SCHEMA}.job SET completed_on = now() - interval '31 days' WHERE id = $1`, [
      done,
    ]);
    await admin.query(`UPDATE ${SCHEMA}.queue SET maintain_on = NULL, monitor_on = NULL`);
    await supervisor.supervise();
    await supervisor.stop({ graceful: false });

    expect(complaints).toEqual([]);
    expect(await stateOf(done)).toBeUndefined();
  });
});

describe("failing jobs", () => {
  test("tries a failing job five times with growing pauses, and keeps it in the dead-letter queue", async () => {
    const id = await boss.send(QUEUE, {});
    const pauses: number[] = [];
    for (let attempt = 1; attempt <= 5; attempt++) {
      const [job] = await boss.fetch(QUEUE, { ignoreStartAfter: true });
      expect(job?.id, `try ${attempt}`).toBe(id);
      await boss.fail(QUEUE, id ?? "", { message: "no" });
      const { rows } = await admin.query<{ pause: number }>(
        `SELECT extract(epoch FROM start_after - now())::float AS pause FROM ${SCHEMA}.job WHERE id = $1 AND state = 'retry'`,
        [id],
      );
      if (rows[0]) pauses.push(rows[0].pause);
    }

    expect(await stateOf(id)).toBe("failed");
    expect(await boss.fetch(QUEUE, { ignoreStartAfter: true })).toEqual([]);
    expect(await boss.fetch(DEAD)).toMatchObject([{ data: {} }]);
    const atLeast = [1, 2, 4, 8];
    expect(pauses).toHaveLength(atLeast.length);
    atLeast.forEach((seconds, at) => {
      expect(pauses[at]).toBeGreaterThan(seconds * 0.9);
      expect(pauses[at]).toBeLessThanOrEqual(seconds * 2);
    });
  });
});

describe("jobs sent inside a unit of work", () => {
  test("sends the job with the commit", async () => {
    const id = await inOrganization({ organizationId: randomUUID() }, async (tx) => {
      const sent = await boss.send(QUEUE, {}, { db: fromPrisma(tx) });
      expect(await stateOf(sent)).toBeUndefined();
      return sent;
    });
    expect(await stateOf(id)).toBe("created");
  });

  test("does not send the job without the commit", async () => {
    let id: string | null = null;
    const undone = inOrganization({ organizationId: randomUUID() }, async (tx) => {
      id = await boss.send(QUEUE, {}, { db: fromPrisma(tx) });
      throw new Error("changed its mind");
    });
    await expect(undone).rejects.toThrow("changed its mind");
    expect(id).not.toBeNull();
    expect(await stateOf(id)).toBeUndefined();
  });
});

const WORKER = `
  import { PgBoss } from "pg-boss";
  const boss = new PgBoss({ ...JSON.parse(process.argv[2]), superviseIntervalSeconds: 1, monitorIntervalSeconds: 1,
    useListenNotify: true, reindex: false, schedule: false });
  boss.on("error", (error) => console.log("error " + error.message));
  await boss.start();
  await boss.work("${QUEUE}", { pollingIntervalSeconds: 0.5, notifyPollingIntervalSeconds: 0.5 }, async ([job]) => {
    console.log("took " + job.id);
    await new Promise((resolve) => setTimeout(resolve, 60_000));
  });
  console.log("works");
`;

describe("killed workers", () => {
  const startWorker = async () => {
    const worker = await startProgram(WORKER, { args: [JSON.stringify(AS_APPLICATION)] });
    await worker.line("works");
    return worker;
  };

  test("a killed worker loses its job to another worker once its heartbeat is missing", async () => {
    const first = await startWorker();
    const id = await boss.send(QUEUE, {});
    await first.line(`took ${id}`);
    const second = await startWorker();
    first.child.kill("SIGKILL");
    await first.ended;
    // Skips the 10 s, since the test is about the takeover and not its duration.
    await admin.query(
      `UPDATE ${SCHEMA}.job SET heartbeat_on = heartbeat_on - interval '10 s' WHERE id = $1`,
      [id],
    );

    await second.line(`took ${id}`);
    const { rows } = await admin.query(`SELECT retry_count, output FROM ${SCHEMA}.job WHERE id = $1`, [id]);
    expect(rows).toEqual([{ retry_count: 1, output: { value: { message: "job heartbeat timeout" } } }]);
  });
});
