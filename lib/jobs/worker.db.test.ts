import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import type { AppRef } from "@/lib/app-ref";
import { closeNotifications } from "@/lib/db/notifications";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { makeApp } from "@/lib/testing/factories";
import { bundleProgram, spawnProgram } from "@/lib/testing/program";
import { readQueue } from "@/lib/testing/queue-contents";
import { sweepRenewals } from "@/lib/tokens/renewal/sweep-renewals";
import { storedToken } from "@/lib/tokens/test-support/stored-token";
import { allHandlers } from "@/lib/worker/handlers";
import { type Simulator, startSimulator } from "@/simulator/start-simulator";
import type { JobHandler } from "./queues";
import { sendJob } from "./send-job";
import { openAdmin, storedJobs } from "./test-support/stored-jobs";
import { type RunningWorker, startWorker } from "./worker";

const PAIR = { appKey: "dingworker0000000001", appSecret: "worker-test-secret" };
const CORP = "dingworkercorp";

const admin = openAdmin();
let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({
    organizations: [{ corpId: CORP, size: 1 }],
    apps: [{ ...PAIR, corpId: CORP }],
  });
  Object.assign(process.env, { DINGTALK_OAPI_URL: simulator.url, DINGTALK_API_URL: simulator.url });
});
afterAll(async () => {
  await simulator.close();
  await closeNotifications();
});

// Tests share the queues, so each one starts with empty ones.
beforeEach(() => admin.query("DELETE FROM pgboss.job"));

type Work = Parameters<typeof startWorker>[0];

async function start(work: Work = allHandlers()): Promise<RunningWorker> {
  const worker = await startWorker(work);
  onTestFinished(() => worker.stop());
  return worker;
}
const renewing = (handle: JobHandler<"token.renew">, concurrency = 1): Work => ({
  "token.renew": { handle, concurrency },
});

/** Sends an app's job, or starts the waiting one at once. */
function makeSender(
  data = { organizationId: crypto.randomUUID(), appId: crypto.randomUUID() },
  queue: "token.renew" | "search.index" = "token.renew",
) {
  const singletonKey = `${data.organizationId}/${data.appId}`;
  return {
    data,
    send: () => sendJob(queue, data, { singletonKey, replaces: true }),
    find: async () => (await storedJobs(admin, queue, singletonKey)).at(0),
  };
}

/** Makes an app whose renewal is overdue and has no job. */
async function makeDue(app: AppRef, lateSeconds: number): Promise<void> {
  await inOrganizationSql(app, (client) =>
    client.query(
      `INSERT INTO app_token (organization_id, app_id, version, renew_at, attempted_at)
       VALUES ($1, $2, 0, now() - make_interval(secs => $3), '{}')`,
      [app.organizationId, app.appId, lateSeconds],
    ),
  );
}

describe("failing jobs", () => {
  test("retries a failing job after growing pauses", async () => {
    const handle = vi
      .fn<JobHandler<"search.index">>()
      .mockRejectedValueOnce(new Error("no"))
      .mockRejectedValueOnce(new Error("no"))
      .mockResolvedValue();
    await start({ "search.index": { handle, concurrency: 1 } });
    const { send, find } = makeSender(undefined, "search.index");
    await send();
    /** Pauses in seconds by the number of earlier tries. A busy machine may miss some. */
    const pauses = new Map<number, number>();
    const seenToWait = async () => {
      const job = await find();
      if (job?.state === "retry" && !pauses.has(job.retry_count)) {
        pauses.set(job.retry_count, (job.start_after.getTime() - (job.started_on?.getTime() ?? 0)) / 1_000);
        await send();
      }
      return job?.state;
    };
    await expect.poll(seenToWait, { interval: 20 }).toBe("completed");

    expect(handle.mock.calls.map(([, { tries }]) => tries)).toEqual([1, 2, 3]);
    expect(pauses.size).toBeGreaterThan(0);
    for (const [before, pause] of pauses) expect(pause).toBeGreaterThan(2 ** before - 0.5);
  });

  test.each([
    // A thousand tries, the last ones a minute apart.
    ["token.renew", 60],
    ["app.probe", 60],
    ["sync.due", 60],
    ["run.expire", 60],
    // Or an hour apart.
    ["sync", 3_600],
    ["search.index", 3_600],
    ["app.erase", 3_600],
  ] as const)(
    "retries a failing job without end in the queue %s, with pauses of up to %i s",
    async (queue, pause) => {
      const { rows } = await admin.query(
        "SELECT retry_limit, retry_delay_max FROM pgboss.queue WHERE name = $1",
        [queue],
      );

      expect(rows).toEqual([{ retry_limit: 1_000, retry_delay_max: pause }]);
    },
  );

  test("S18 stores only words from fixed lists in the database", async () => {
    const secret = `MARKED-${crypto.randomUUID()}`;
    const error = Object.assign(new TypeError(secret, { cause: new Error(secret) }), { appSecret: secret });
    await start(renewing(() => Promise.reject(error)));
    const { send, find } = makeSender();
    await send();
    await expect.poll(find, { interval: 20 }).toMatchObject({ state: "retry" });
    const everything = [...(await readQueue(admin)).values()].join("\n");

    expect((await find())?.output).toEqual({ name: "JobFailure", message: "TypeError" });
    expect(everything).toContain("JobFailure");
    expect(everything).not.toContain(secret);
  });
});

describe("stopping worker", () => {
  test("a stopping worker lets a running job end and takes no other", async () => {
    const [begun, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const ends: string[] = [];
    const handle = vi.fn<JobHandler<"token.renew">>(async () => {
      begun.resolve();
      await released.promise;
      ends.push("the job's");
    });
    const worker = await start(renewing(handle));
    const [first, second] = [makeSender(), makeSender()];
    await first.send();
    await begun.promise;
    const stopped = worker.stop().then(() => ends.push("the worker's"));
    await second.send();
    expect(await first.find()).toMatchObject({ state: "active" });
    released.resolve();
    await stopped;

    expect(ends).toEqual(["the job's", "the worker's"]);
    expect(await first.find()).toMatchObject({ state: "completed" });
    expect(await second.find()).toMatchObject({ state: "created" });
    expect(handle).toHaveBeenCalledTimes(1);
  });
});

describe("separate worker that is killed", () => {
  /** Starts `npm run worker` and waits for a renewal that DingTalk doesn't answer. */
  async function startRenewing(app: AppRef) {
    simulator.control.addFault({ path: "*", times: 1, fault: { kind: "hang" } });
    const path = await bundleProgram({ file: "server/worker.ts" });
    const program = spawnProgram(path, { env: { LOG_LEVEL: "info", MIGRATION_DATABASE_URL: "" } });
    await program.line("working");
    await makeSender(app).send();
    await expect.poll(() => simulator.control.readCalls({ appKey: PAIR.appKey }).total).toBe(1);
    return program;
  }

  test("a killed worker loses its job to another worker, whose further try renews the token", async () => {
    const app = await makeApp(PAIR);
    // A sync would renew the token first, and the job would wait for the next renewal.
    await admin.query("UPDATE dingtalk_app SET sync_every_hours = 0 WHERE id = $1", [app.appId]);
    const { find } = makeSender(app);
    // Early enough that no sweep sends a second job.
    await makeDue(app, 1);
    const program = await startRenewing(app);
    await program.kill();
    expect(await find()).toMatchObject({ state: "active", retry_count: 0 });
    // Skips the heartbeat's timeout and the life of the claim.
    await admin.query(
      "UPDATE pgboss.job SET heartbeat_on = heartbeat_on - interval '10 s' WHERE state = 'active'",
    );
    await admin.query("UPDATE app_token SET renewing_until = now() WHERE app_id = $1", [app.appId]);
    await start();
    await expect.poll(find, { interval: 50 }).toMatchObject({ state: "retry" });
    await makeSender(app).send();

    await expect.poll(find, { interval: 20 }).toMatchObject({ state: "completed", retry_count: 1 });
    expect(await storedToken(app)).toMatchObject({ version: 1, renewing_by: null });
  });
});

describe("jobs that become due together", () => {
  /** Sends jobs for a time shortly ahead, for which pg-boss sends no NOTIFY. */
  async function sendLater(count: number): Promise<void> {
    const startAfter = new Date(Date.now() + 200);
    const senders = Array.from({ length: count }, () => makeSender());
    await Promise.all(
      senders.map(({ data }) =>
        sendJob("token.renew", data, { startAfter, singletonKey: `${data.organizationId}/${data.appId}` }),
      ),
    );
  }

  test("runs due jobs one after another without a poll between them", async () => {
    const handle = vi.fn<JobHandler<"token.renew">>().mockResolvedValue();
    await start(renewing(handle, 3));
    await sendLater(200);

    await expect.poll(() => handle.mock.calls.length).toBe(200);
  });

  test("slow jobs occupy every taker while the others wait", async () => {
    const released = Promise.withResolvers<void>();
    const handle = vi.fn<JobHandler<"token.renew">>(() => released.promise);
    await start(renewing(handle, 3));
    await sendLater(4);

    await expect.poll(() => handle.mock.calls.length).toBe(3);
    released.resolve();
    await expect.poll(() => handle.mock.calls.length).toBe(4);
  });
});

describe("due renewals", () => {
  test("a renewal runs in the worker without a reader, and again after its job was lost", async () => {
    const app = await makeApp(PAIR);
    await makeDue(app, 120);
    await sweepRenewals(app.organizationId);
    await start();

    await expect.poll(async () => (await storedToken(app)).version).toBe(1);
    await expect.poll(makeSender(app).find, { interval: 20 }).toMatchObject({ state: "completed" });
    const jobs = await storedJobs(admin, "token.renew", `${app.organizationId}/${app.appId}`);
    expect(jobs.map(({ state }) => state)).toEqual(["completed", "created"]);
  });

  test("a job of a deleted app ends without an error", async () => {
    const { send, find } = makeSender();
    await send();
    await start();

    await expect.poll(find, { interval: 20 }).toMatchObject({ state: "completed", retry_count: 0 });
  });
});
