import pg from "pg";
import { describe, expect, test } from "vitest";
import { AppError } from "@/lib/errors";
import { type RunningWorker, startWorker } from "@/lib/jobs/worker";
import { asAdmin, connectApp, makeOrganization, queueSync } from "@/lib/testing/directory-sync";
import { awaitTurn, TURNS_LOCK_KEY } from "./turns";

const TURNS = 3;
const APPS = 12;
const LIMITS = { turnsMax: TURNS, perOrganization: TURNS };
const ONE = { turnsMax: 1, perOrganization: 1 };

/**
 * Takes turns without syncing, and records each app's start and end. A turn ends only after the next one has begun, so that a
 * late starter is not overtaken.
 */
function makeGate() {
  const began: string[] = [];
  const begun = Array.from({ length: APPS + 1 }, () => Promise.withResolvers<void>());
  let underWay = 0;
  let most = 0;
  return {
    began,
    most: () => most,
    nextAfter: (count: number) => (count < APPS ? begun[count]?.promise : undefined),
    run: async (appId: string, wait: (count: number) => Promise<void>) => {
      began.push(appId);
      begun[began.length - 1]?.resolve();
      most = Math.max(most, (underWay += 1));
      await wait(began.length);
      underWay -= 1;
    },
  };
}

async function queueMany(count: number) {
  const jobs = [];
  for (let made = 0; made < count; made += 1) {
    const organization = await makeOrganization();
    jobs.push(await queueSync(organization, await connectApp(organization)));
  }
  return jobs;
}

/** Queues syncs of apps of one organization in this order, each with its own AppKey unless one is given. */
async function queueApps(count: number, appKey?: string) {
  const organization = await makeOrganization();
  const jobs = [];
  for (let made = 0; made < count; made += 1) {
    const app = await connectApp(organization, { appKey: appKey ?? `key-${crypto.randomUUID()}` });
    jobs.push(await queueSync(organization, app));
  }
  return jobs;
}

const ranksOf = (jobs: readonly { readonly runId: string }[]) =>
  Promise.all(
    jobs.map(async ({ runId }) => {
      const [row] = await asAdmin<{ rank: number }>(
        "SELECT -priority AS rank FROM pgboss.job WHERE data ->> 'runId' = $1",
        [runId],
      );
      return row?.rank;
    }),
  );

const soon = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve, reject) => {
    signal.throwIfAborted();
    const timer = setTimeout(resolve, Math.min(ms, 20));
    signal.addEventListener("abort", () => (clearTimeout(timer), reject(signal.reason)), { once: true });
  });

describe("turns over several workers", () => {
  test("turns never exceed the limit, and start in the order of the queue past a slow run", async () => {
    const jobs = await queueMany(APPS);
    const gate = makeGate();
    const slow = Promise.withResolvers<void>();
    const all = Promise.withResolvers<void>();
    let ended = 0;
    const handle: NonNullable<NonNullable<Parameters<typeof startWorker>[0]>["sync"]>["handle"] = async (
      { organizationId, appId },
      { id, tries, signal },
    ) => {
      const job = { organizationId, id, attempt: tries - 1 };
      if (!(await awaitTurn(job, signal, { ...LIMITS, sleep: soon }))) return;
      await gate.run(appId, async (count) => {
        // The first waits until all others are done, the second fails
        if (count === 1) await slow.promise;
        else await gate.nextAfter(count);
        ended += 1;
        if (ended === APPS - 1) all.resolve();
      });
      if (appId === jobs[1]?.appId && tries === 1) throw new AppError("internal", "one that fails");
    };
    const workers: RunningWorker[] = await Promise.all(
      [1, 2, 3].map(() => startWorker({ sync: { handle, concurrency: TURNS } })),
    );
    await all.promise;
    slow.resolve();
    await Promise.all(workers.map((worker) => worker.stop()));

    expect(gate.most()).toBe(TURNS);
    const first = [...new Set(gate.began)];
    expect(first).toHaveLength(APPS);
    // Runs with turns at the same time may have begun in any order
    for (const [index, { appId }] of jobs.entries()) {
      expect(Math.abs(first.indexOf(appId) - index), `app ${index}`).toBeLessThan(TURNS);
    }
  });

  test("refuses a turn to a job that no worker has, and to an earlier attempt of a job", async () => {
    const [job] = await queueMany(1);
    if (!job) throw new Error("no job");
    const [{ id } = { id: "" }] = await asAdmin<{ id: string }>(
      "SELECT id FROM pgboss.job WHERE data ->> 'runId' = $1",
      [job.runId],
    );
    const ask = (attempt: number) =>
      awaitTurn({ organizationId: job.organizationId, id, attempt }, new AbortController().signal, {
        ...ONE,
        sleep: soon,
      });

    expect(await ask(0)).toBe(false);
    await asAdmin("UPDATE pgboss.job SET state = 'active', retry_count = 1 WHERE id = $1", [id]);
    expect([await ask(0), await ask(1), await ask(1)]).toEqual([false, true, true]);
  });

  test("assigns turns under a lock, so that two workers don't get the last one", async () => {
    await asAdmin("DELETE FROM pgboss.job");
    const [job] = await queueMany(1);
    if (!job) throw new Error("no job");
    const [row] = await asAdmin<{ id: string }>("UPDATE pgboss.job SET state = 'active' RETURNING id");
    const other = new pg.Client({ connectionString: process.env.TEST_ADMIN_URL });
    await other.connect();
    await other.query("SELECT pg_advisory_lock($1)", [TURNS_LOCK_KEY]);
    const waiting = { organizationId: job.organizationId, id: row?.id ?? "", attempt: 0 };
    const turn = awaitTurn(waiting, new AbortController().signal, { ...ONE, sleep: soon });
    const held = () =>
      asAdmin(
        "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
      );
    await expect.poll(held).toHaveLength(1);
    await other.end();

    expect(await turn).toBe(true);
  });

  test("stops waiting for a turn when the worker stops", async () => {
    await asAdmin("DELETE FROM pgboss.job");
    const jobs = await queueMany(2);
    await asAdmin("UPDATE pgboss.job SET state = 'active' WHERE data ->> 'runId' = ANY($1)", [
      jobs.map(({ runId }) => runId),
    ]);
    const rows = await asAdmin<{ id: string; run: string }>(
      "SELECT id, data ->> 'runId' AS run FROM pgboss.job WHERE state = 'active' AND retry_count = 0",
    );
    const stop = new AbortController();
    const [first, second] = jobs.map(({ organizationId, runId }) => ({
      organizationId,
      id: rows.find(({ run }) => run === runId)?.id ?? "",
      attempt: 0,
    }));
    if (!first || !second) throw new Error("no jobs");
    const options = { ...ONE, sleep: soon };
    expect(await awaitTurn(first, stop.signal, options)).toBe(true);
    const waiting = awaitTurn(second, stop.signal, options);
    stop.abort(new Error("stop"));

    await expect(waiting).rejects.toThrow("stop");
  });
});

describe("turns between organizations", () => {
  test("starts an organization's first sync before the backlog of others", async () => {
    await asAdmin("DELETE FROM pgboss.job");
    const many = [...(await queueApps(4)), ...(await queueApps(4))];
    const [late] = await queueApps(1);
    const limits = { turnsMax: 2, perOrganization: 1 };
    const began: string[] = [];
    const underWay = new Set<string>();
    const all = Promise.withResolvers<void>();
    let mostOfOne = 0;
    const worker = await startWorker({
      sync: {
        concurrency: limits.turnsMax,
        groupConcurrency: limits.perOrganization,
        handle: async ({ organizationId, appId }, { id, tries, signal }) => {
          const job = { organizationId, id, attempt: tries - 1 };
          if (!(await awaitTurn(job, signal, { ...limits, sleep: soon }))) return;
          began.push(appId);
          const key = `${organizationId}/${appId}`;
          underWay.add(key);
          const ofOne = [...underWay].filter((each) => each.startsWith(organizationId)).length;
          mostOfOne = Math.max(mostOfOne, ofOne);
          if (began.length === many.length + 1) all.resolve();
          await new Promise((resolve) => setImmediate(resolve));
          underWay.delete(key);
        },
      },
    });
    await all.promise;
    await worker.stop();

    // First come, first served would begin it as the ninth. A worker that reports its end late lets a few pass
    expect(began.indexOf(late?.appId ?? "")).toBeLessThan(6);
    expect(mostOfOne).toBe(1);
  });

  test("queues syncs for the same AppKey one after another, in all organizations", async () => {
    await asAdmin("DELETE FROM pgboss.job");
    const appKey = `key-${crypto.randomUUID()}`;
    const shared = [...(await queueApps(1, appKey)), ...(await queueApps(1, appKey))];
    const other = await queueApps(2);

    expect(await ranksOf([...shared, ...other])).toEqual([0, 1, 0, 1]);
  });

  test("S18 keeps AppKeys out of the queue", async () => {
    await asAdmin("DELETE FROM pgboss.job");
    const appKey = `key-${crypto.randomUUID()}`;
    await queueApps(1, appKey);
    const [row] = await asAdmin<{ text: string }>("SELECT j::text AS text FROM pgboss.job j");

    expect(row?.text).toContain("appKeyHash");
    expect(row?.text).not.toContain(appKey);
  });
});
