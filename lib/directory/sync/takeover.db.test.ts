import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { RunRef } from "@/lib/app-ref";
import { inOrganization } from "@/lib/db/unit-of-work";
import { AppError } from "@/lib/errors";
import {
  asAdmin,
  blockDepartment,
  CORP,
  countBlockedWriters,
  interrupted,
  openApp,
  queueSync,
  readApp,
  readRun,
  rowVersions,
  syncNow,
  treeOf,
  truthOf,
} from "@/lib/testing/directory-sync";
import { beginRun } from "../runs/begin-run";
import { cancelSync } from "../runs/cancel-run";
import { failRun } from "../runs/failed-runs";
import { getRun } from "../runs/get-run";
import { RunIsOver } from "../runs/run-errors";
import { recordProgress } from "../runs/track-progress";
import { applyRun } from "./apply-run";
import { directoryStore } from "./directory-store";
import { planRun } from "./plan/plan-run";
import { runSync, type SyncTools } from "./run-sync";
import { readNothing } from "./test-support/read-nothing";

const never = new AbortController().signal;

/** A worker that pauses before its `nth` list until the test continues it. */
function paused(tools: SyncTools, nth: number) {
  const reached = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const { tools: held } = interrupted(tools, nth, () => {
    reached.resolve();
    return goOn.promise;
  });
  return { held, reached: reached.promise, goOn: goOn.resolve };
}

async function activeRun(app: Omit<RunRef, "runId">): Promise<RunRef> {
  const { activeRunId } = await readApp(app);
  if (activeRunId === null) throw new Error("no run is under way");
  return { organizationId: app.organizationId, appId: app.appId, runId: activeRunId };
}

describe("jobs that are retried after their worker died", () => {
  test("a retried job marks the run interrupted, and starts a new one that refers to it", async () => {
    const { dingtalk, organization, app, tools } = await openApp();
    const job = await queueSync(organization, app);
    await beginRun(job);
    await runSync(job, never, tools);

    const { resumedBy, ...lost } = await getRun(organization.reader, job.runId);
    expect(lost).toMatchObject({ state: "interrupted", finishedAt: expect.any(Date), stage: null });
    expect(lost).toMatchObject({ error: { kind: "worker_lost" }, isComplete: false, added: 0 });
    const next = await getRun(organization.reader, resumedBy?.id ?? "");
    expect(next).toMatchObject({ state: "succeeded", trigger: "takeover", number: 2, isComplete: true });
    expect(next.resumes).toEqual({ id: job.runId, number: 1 });
    expect(await treeOf(app)).toEqual(truthOf(dingtalk));
  });

  test("a retried job resumes each time, and the last run completes", async () => {
    const { organization, app, tools } = await openApp();
    const job = await queueSync(organization, app);
    for (let tries = 0; tries < 3; tries += 1) await beginRun(job);
    await runSync(job, never, tools);

    const states = await Promise.all(
      [1, 2, 3, 4].map(async (number) => {
        const run = await readRunByNumber(app, number);
        return [run.state, run.trigger, run.resumesRunId === null];
      }),
    );
    expect(states).toEqual([
      ["interrupted", "manual", true],
      ["interrupted", "takeover", false],
      ["interrupted", "takeover", false],
      ["succeeded", "takeover", false],
    ]);
  });

  test("eight workers that fetch a retried job at once leave one running run", async () => {
    const { organization, app } = await openApp();
    const job = await queueSync(organization, app);
    const begun = await Promise.all(Array.from({ length: 8 }, () => beginRun(job)));
    const active = await activeRun(app);

    expect(new Set(begun.map((run) => run?.runId)).size).toBe(8);
    expect(begun.map((run) => run?.runId)).toContain(active.runId);
    const states = await Promise.all(begun.map(async (run) => (await readRun(run ?? active)).state));
    expect(states.filter((state) => state === "running")).toHaveLength(1);
    expect(states.filter((state) => state === "interrupted")).toHaveLength(7);
    expect((await readApp(app)).runsMade).toBe(8);
  });

  test("a retried job does nothing once the run has ended", async () => {
    const { dingtalk, organization, app, tools } = await openApp();
    const job = await queueSync(organization, app);
    await runSync(job, never, tools);
    const before = dingtalk.control.readCalls().total;
    await runSync(job, never, tools);

    expect(dingtalk.control.readCalls().total).toBe(before);
    expect((await readApp(app)).runsMade).toBe(1);
  });
});

/** A department that a walk lists late. */
function deepest(dingtalk: Parameters<typeof truthOf>[0]): number {
  const truth = truthOf(dingtalk);
  const depthOf = (id: number): number => {
    const parentId = truth.get(id)?.parentId ?? null;
    return parentId === null ? 0 : 1 + depthOf(parentId);
  };
  return [...truth.keys()].sort((a, b) => depthOf(b) - depthOf(a))[0] ?? 1;
}

describe("workers that were replaced but still run", () => {
  test("a replaced worker stops at its next call and overwrites nothing of the other worker", async () => {
    const { dingtalk, organization, app, tools } = await openApp(200);
    // Storing the progress would detect it too, a moment later
    const zombie = paused({ ...tools, progressEveryMs: 600_000 }, 9);
    const job = await queueSync(organization, app);
    const running = runSync(job, never, zombie.held);
    await zombie.reached;
    dingtalk.control.changeDirectory(CORP, [
      { op: "rename_department", id: deepest(dingtalk), name: "新名" },
    ]);
    await runSync(job, never, tools);
    const after = await rowVersions(app);
    const calls = dingtalk.control.readCalls().total;
    zombie.goOn();
    await running;

    expect(await rowVersions(app)).toBe(after);
    // Only the calls that were under way
    expect(dingtalk.control.readCalls().total - calls).toBeLessThanOrEqual(1);
    expect(await readRun(job)).toMatchObject({ state: "interrupted", error: { kind: "worker_lost" } });
    expect(await treeOf(app)).toEqual(truthOf(dingtalk));
  });

  test("a replaced worker writes nothing even after it has read everything", async () => {
    const { organization, app, tools } = await openApp();
    await syncNow(organization, app, tools);
    const before = await rowVersions(app);
    const job = await queueSync(organization, app);
    const zombie = await beginRun(job);
    if (!zombie) throw new Error("no run");
    const successor = await beginRun(job);
    const read = readNothing({ gone: new Set(["1"]) });
    const counters = { departmentsSeen: 1, membersSeen: 0, calls: 1, throttles: 0, callsByApi: {} };
    const counts = await planRun(zombie, read, await directoryStore(app).loadDepartments());
    expect(counts.departments.removed).toBeGreaterThan(0);

    await expect(applyRun(zombie, { read, counts, heldFor: [] }, counters)).rejects.toBeInstanceOf(RunIsOver);
    expect(await recordProgress(zombie, { ...counters, stage: "write" })).toBe(false);
    expect(await rowVersions(app)).toBe(before);
    expect(successor).toMatchObject(await activeRun(app));
  });

  test("a replaced worker cannot end its run, even if the run's own row still says running", async () => {
    const { organization, app } = await openApp();
    const run = await beginRun(await queueSync(organization, app));
    if (!run) throw new Error("no run");
    const counters = { departmentsSeen: 0, membersSeen: 0, calls: 0, throttles: 0, callsByApi: {} };
    const failure = { error: new Error("a fault"), reason: { kind: "internal" as const }, counters };
    for (const activeRunId of [null, randomUUID()]) {
      await asAdmin("UPDATE dingtalk_app SET active_run_id = $2 WHERE id = $1", [app.appId, activeRunId]);
      await expect(failRun(run, failure)).rejects.toBeInstanceOf(RunIsOver);
      expect(await readRun(run)).toMatchObject({ state: "running" });
      expect(await readApp(app)).toMatchObject({ activeRunId });
    }
  });

  test("skips rows that changed after the worker loaded the stored departments", async () => {
    const { organization, app, tools } = await openApp();
    await syncNow(organization, app, tools);
    const run = await beginRun(await queueSync(organization, app));
    if (!run) throw new Error("no run");
    const held = await directoryStore(app).loadDepartments();
    // As a restore or a decision does while the run looks up missing departments
    await asAdmin(`UPDATE directory SET revision = revision + 1 WHERE app_id = $1`, [app.appId]);
    await asAdmin(
      `UPDATE department SET name = '别人改的', since_revision = since_revision + 1 WHERE app_id = $1 AND department_id = 1`,
      [app.appId],
    );
    const read = readNothing({
      gone: new Set(["1"]),
      membersIncompleteFor: { kind: "members_not_permitted" },
    });
    const counts = await planRun(run, read, held);
    const counters = { departmentsSeen: 1, membersSeen: 0, calls: 1, throttles: 0, callsByApi: {} };
    await applyRun(run, { read, counts, heldFor: [] }, counters);
    expect((await treeOf(app)).get(1)).toMatchObject({ name: "别人改的" });
  });

  test("a worker that is replaced during its transaction writes nothing", async () => {
    const { dingtalk, organization, app, tools } = await openApp();
    await syncNow(organization, app, tools);
    dingtalk.control.changeDirectory(CORP, [
      { op: "rename_department", id: 1, name: "新名" },
      { op: "add_department", parentId: 1, id: 999_999_999, name: "新增" },
    ]);
    const before = await rowVersions(app);
    const block = await blockDepartment(app, 999_999_999);
    const job = await queueSync(organization, app);
    const writing = runSync(job, never, tools);
    await expect.poll(countBlockedWriters).toBe(1);
    const successor = await beginRun(job);
    await block.release();
    await writing;

    expect(await rowVersions(app)).toBe(before);
    expect(successor).toMatchObject(await activeRun(app));
    expect(await readRun(successor ?? job)).toMatchObject({ state: "running", trigger: "takeover" });
    expect(await readRun(job)).toMatchObject({ state: "interrupted", added: 0, changed: 0 });
  });

  test("a worker cannot end a run that was cancelled after it had read everything", async () => {
    const { dingtalk, organization, app, tools } = await openApp();
    const job = await queueSync(organization, app);
    const total = truthOf(dingtalk).size;
    const zombie = paused(tools, total);
    const running = runSync(job, never, zombie.held);
    await zombie.reached;
    await cancelSync(organization.actor, job.runId);
    zombie.goOn();
    await running;

    expect(await readRun(job)).toMatchObject({ state: "cancelled", added: 0 });
    expect(await rowVersions(app)).toBe("");
  });
});

describe("workers that stop", () => {
  test("a stopping worker returns the job, and leaves the run to another worker", async () => {
    const { dingtalk, organization, app, tools } = await openApp(200);
    const job = await queueSync(organization, app);
    const stop = new AbortController();
    const half = paused(tools, 9);
    const running = runSync(job, stop.signal, half.held);
    await half.reached;
    stop.abort(new Error("the server stops"));
    half.goOn();

    await expect(running).rejects.toThrow("the server stops");
    expect(await readRun(job)).toMatchObject({ state: "running" });
    expect(await rowVersions(app)).toBe("");
    await runSync(job, never, tools);
    expect(await treeOf(app)).toEqual(truthOf(dingtalk));
  });

  test("a stopping worker does not begin a run before its turn", async () => {
    const { organization, app, tools } = await openApp();
    const job = await queueSync(organization, app);
    await runSync(job, never, { ...tools, awaitTurn: async () => false });

    expect(await readRun(job)).toMatchObject({ state: "queued" });
  });
});

describe("apps that are disabled during a sync", () => {
  test("disabling an app during a sync fails the run with that reason", async () => {
    const { organization, app, tools } = await openApp();
    const callsOf: SyncTools["callsOf"] = async (ref, onAttempt) => {
      const disabled = async () => {
        throw new AppError("conflict", "the app is disabled");
      };
      return { ...(await tools.callsOf(ref, onAttempt)), listSub: disabled };
    };
    const run = await syncNow(organization, app, { ...tools, callsOf });

    expect(run).toMatchObject({ state: "failed", error: { kind: "app_disabled" } });
  });

  test("an app can be synced again after an internal error failed the run", async () => {
    const { organization, app, tools } = await openApp();
    const callsOf = async () => {
      throw new TypeError("a bug");
    };
    const run = await syncNow(organization, app, { ...tools, callsOf });

    expect(run).toMatchObject({ state: "failed", error: { kind: "internal" } });
    expect(await syncNow(organization, app, tools)).toMatchObject({ state: "succeeded" });
  });
});

describe("database outages", () => {
  test("a short database outage does not end the read, and a long one causes a retry of the job", async () => {
    const { organization, app, tools } = await openApp();
    const job = await queueSync(organization, app);
    const away = async () => {
      throw new AppError("unavailable", "away");
    };
    await expect(runSync(job, never, { ...tools, callsOf: away })).rejects.toMatchObject({
      code: "unavailable",
    });
    expect(await readRun(job)).toMatchObject({ state: "running" });
    await runSync(job, never, tools);
    expect((await readApp(app)).activeRunId).toBeNull();
  });
});

async function readRunByNumber(app: Omit<RunRef, "runId">, number: number) {
  return inOrganization(app, (tx) =>
    tx.syncRun.findFirstOrThrow({ where: { organizationId: app.organizationId, appId: app.appId, number } }),
  );
}
