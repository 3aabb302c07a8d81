import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { startWorker } from "@/lib/jobs/worker";
import {
  asAdmin,
  connectApp,
  interrupted,
  makeOrganization,
  openApp,
  queueSync,
  readRun,
  syncNow,
  treeOf,
  truthOf,
} from "@/lib/testing/directory-sync";
import { cancelSync } from "../runs/cancel-run";
import { deleteAbandonedWalks } from "../runs/checkpoint-lifetime";
import { sweepSyncs } from "../runs/sweep-runs";
import { awaitTurn, awaitTurnEnd } from "../runs/turns";
import { runSync, type SyncTools } from "./run-sync";

const never = new AbortController().signal;

/** `tools` for a run whose turn ends while its `nth` list of children is read. */
function endingAt(tools: SyncTools, nth: number): SyncTools {
  const over = Promise.withResolvers<void>();
  const { tools: stopping } = interrupted(tools, nth, async () => {
    over.resolve();
    await sleep(0);
  });
  return { ...stopping, awaitTurnEnd: () => over.promise };
}

const jobsOf = ({ runId }: { readonly runId: string }) =>
  asAdmin<{ state: string }>("SELECT state FROM pgboss.job WHERE data ->> 'runId' = $1", [runId]);

describe("runSync at the end of a turn", () => {
  test("queues the run again, and the same run continues from its checkpoint", async () => {
    const { dingtalk, organization, app, tools } = await openApp(60);
    const job = await queueSync(organization, app);
    await runSync(job, never, endingAt(tools, 20));

    const waiting = await readRun(job);
    expect(waiting).toMatchObject({ state: "queued", stage: null, number: 1, finishedAt: null });
    expect(waiting.calls).toBeGreaterThanOrEqual(19);
    expect(await jobsOf(job)).toHaveLength(2);

    await runSync(job, never, tools);
    const run = await readRun(job);
    expect(run).toMatchObject({
      state: "succeeded",
      trigger: "manual",
      number: 1,
      startedAt: waiting.startedAt,
    });
    expect(await treeOf(app)).toEqual(truthOf(dingtalk));
    // Only the calls that were under way at the end of the turn are repeated.
    const { "topapi/v2/department/listsub": lists = 0 } = run.callsByApi as Record<string, number>;
    expect(lists).toBeGreaterThanOrEqual(truthOf(dingtalk).size);
    expect(lists).toBeLessThan(truthOf(dingtalk).size + 12);
  });

  test("keeps the checkpoint of a queued run in a sweep, and deletes that of a cancelled run", async () => {
    const { organization, app, tools } = await openApp(60);
    const job = await queueSync(organization, app);
    await runSync(job, never, endingAt(tools, 20));
    await deleteAbandonedWalks(app.organizationId);
    await sweepSyncs(app.organizationId);

    const lists = () => asAdmin("SELECT FROM walk_list WHERE walk_id = $1", [job.runId]);
    expect((await lists()).length).toBeGreaterThan(10);
    await cancelSync(organization.actor, job.runId);
    await deleteAbandonedWalks(app.organizationId);
    expect(await lists()).toHaveLength(0);
  });

  test("continues a verify run as a full run, because verifying has no checkpoint", async () => {
    const { organization, app, tools } = await openApp(60);
    await syncNow(organization, app, tools);
    const job = await queueSync(organization, app);
    await asAdmin("UPDATE sync_run SET mode = 'verify' WHERE id = $1", [job.runId]);
    await runSync(job, never, {
      ...tools,
      verifyCallsOf: async (...args) => {
        const calls = await tools.verifyCallsOf(...args);
        return { ...calls, listSubIds: (_, signal) => hang(signal) };
      },
      awaitTurnEnd: () => sleep(0),
    });
    expect(await readRun(job)).toMatchObject({ state: "queued", mode: "full" });
    await runSync(job, never, tools);
    expect(await readRun(job)).toMatchObject({ state: "succeeded", mode: "full" });
  });

  test("leaves a run cancelled that is cancelled while its turn ends", async () => {
    const { organization, app, tools } = await openApp(60);
    const job = await queueSync(organization, app);
    const over = Promise.withResolvers<void>();
    const { tools: stopping } = interrupted(tools, 20, async () => {
      await cancelSync(organization.actor, job.runId);
      over.resolve();
    });
    await runSync(job, never, { ...stopping, awaitTurnEnd: () => over.promise });
    expect(await readRun(job)).toMatchObject({ state: "cancelled" });
  });
});

const hang = (signal: AbortSignal | undefined) =>
  new Promise<never>((_, reject) => {
    signal?.throwIfAborted();
    signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
  });

test("organizations whose DingTalk never answers do not block another organization's sync", async () => {
  await asAdmin("DELETE FROM pgboss.job");
  const { dingtalk, organization, app, tools } = await openApp("small");
  const silent = await Promise.all([makeOrganization(), makeOrganization()]);
  const stuck = [];
  for (const each of silent) stuck.push(await queueSync(each, await connectApp(each)));
  const stuckApps = new Set(stuck.map(({ appId }) => appId));
  /** Apps whose first turn has not ended. Only first turns are short, so that turns do not change hands all the time. */
  const firstTurns = new Set(stuckApps);
  let begun = 0;
  const allBegun = Promise.withResolvers<void>();
  const answers = Promise.withResolvers<void>();

  const limits = {
    turnsMax: 2,
    perOrganization: 1,
    sleep: (ms: number, signal: AbortSignal) =>
      sleep(ms > 20_000 ? ms : Math.min(ms, 20), undefined, { signal }),
  };
  const worker = await startWorker({
    sync: {
      concurrency: limits.turnsMax,
      groupConcurrency: limits.perOrganization,
      handle: (run, { id, tries, signal }) => {
        const job = { organizationId: run.organizationId, id, attempt: tries - 1 };
        return runSync(run, signal, {
          ...tools,
          awaitTurn: (stop) => awaitTurn(job, stop, limits),
          awaitTurnEnd: (stop) =>
            awaitTurnEnd(job, stop, { ...limits, turnMs: firstTurns.delete(run.appId) ? 0 : 600_000 }),
          callsOf: async (of, ...args) => {
            if (!stuckApps.has(of.appId)) return tools.callsOf(of, ...args);
            if ((begun += 1) === limits.turnsMax) allBegun.resolve();
            const calls = await tools.callsOf(of, ...args);
            return {
              ...calls,
              listSub: async (id, stop) => {
                await Promise.race([answers.promise, hang(stop)]);
                return calls.listSub(id, stop);
              },
            };
          },
        });
      },
    },
  });
  await allBegun.promise;
  const late = await queueSync(organization, app);
  await expect.poll(() => readRun(late), { timeout: 30_000 }).toMatchObject({ state: "succeeded" });
  expect(await treeOf(app)).toEqual(truthOf(dingtalk));
  answers.resolve();
  for (const run of stuck) {
    await expect
      .poll(() => readRun(run), { timeout: 30_000 })
      .toMatchObject({ state: "succeeded", number: 1 });
  }
  await worker.stop();
});
