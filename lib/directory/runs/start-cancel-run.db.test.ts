import { describe, expect, test } from "vitest";
import type { AppRef } from "@/lib/app-ref";
import { inOrganization } from "@/lib/db/unit-of-work";
import {
  asAdmin,
  CORP,
  connectApp,
  interrupted,
  makeOrganization,
  openDingtalk,
  queueSync,
  readApp,
  readRun,
  rowVersions,
  syncNow,
  TEST_APP_KEY,
  toolsFor,
} from "@/lib/testing/directory-sync";
import { runSync } from "../sync/run-sync";
import { cancelSync } from "./cancel-run";
import { getDirectorySummary } from "./directory-summary";
import { getRun } from "./get-run";
import { listRuns } from "./list-runs";
import { dropQueuedSync, dropQueuedSyncs } from "./queue";
import { enqueueFirstSync, startSync } from "./start-run";

const jobsOf = ({ appId }: AppRef) =>
  asAdmin<{ data: Record<string, string>; state: string }>(
    "SELECT data, state::text FROM pgboss.job WHERE name = 'sync' AND data ->> 'appId' = $1",
    [appId],
  );

const never = new AbortController().signal;

async function openApp() {
  const organization = await makeOrganization();
  const app = await connectApp(organization);
  return { organization, app, actor: organization.actor };
}

describe("startSync", () => {
  test("creates a run with the name of who started it, and a job with ids only", async () => {
    const { organization, app } = await openApp();
    const job = await queueSync(organization, app);

    expect(await readRun(job)).toMatchObject({
      state: "queued",
      number: 1,
      trigger: "manual",
      startedBy: organization.email,
      startedAt: null,
    });
    expect(await readApp(app)).toMatchObject({ activeRunId: job.runId, runsMade: 1 });
    expect(await jobsOf(app)).toEqual([
      { data: { ...job, appKeyHash: expect.any(Number) }, state: "created" },
    ]);
  });

  test("plans a preview without applying or holding it, even above the guard's limits", async () => {
    const dingtalk = await openDingtalk(80);
    const { organization, app, actor } = await openApp();
    const tools = toolsFor(dingtalk);
    await syncNow(organization, app, tools);
    const before = await rowVersions(app);
    const { lastSeenAt } = await readApp(app);
    const first = dingtalk.control.listDepartments(CORP).find(({ parentId }) => parentId === 1);
    dingtalk.control.changeApp(TEST_APP_KEY, { scope: { departments: [first?.id ?? 0], users: [] } });
    const started = await startSync(actor, app.appId, { mode: "preview" });
    const job = { ...app, runId: started.ok ? started.value.runId : "" };
    await runSync(job, never, tools);

    expect(await rowVersions(app)).toBe(before);
    expect((await readApp(app)).lastSeenAt, "the directory is no newer for it").toEqual(lastSeenAt);
    const run = await readRun(job);
    expect(run).toMatchObject({
      mode: "preview",
      state: "succeeded",
      isComplete: true,
      heldFor: null,
      revision: null,
    });
    expect(run.removed).toBeGreaterThan(50);
    const planned = await asAdmin(`SELECT FROM directory_change WHERE set_id = $1 AND kind = 'removed'`, [
      run.id,
    ]);
    expect(planned).toHaveLength(run.removed + run.membersRemoved);
    expect(await listRuns(organization.reader, app.appId, { mode: "preview" })).toMatchObject({
      runs: [{ id: run.id }],
    });
  });

  test("creates one run and one job for ten concurrent requests, and returns the run to each", async () => {
    const { app, actor } = await openApp();
    const started = await Promise.all(Array.from({ length: 10 }, () => startSync(actor, app.appId)));
    const runs = started.map((each) => (each.ok ? each.value : null));

    expect(new Set(runs.map((run) => run?.runId)).size).toBe(1);
    expect(runs.filter((run) => run?.already === false)).toHaveLength(1);
    expect(await jobsOf(app)).toHaveLength(1);
    expect((await readApp(app)).runsMade).toBe(1);
  });

  test("refuses to sync a disabled app", async () => {
    const organization = await makeOrganization();
    const app = await connectApp(organization, { state: "disabled" });

    expect(await startSync(organization.actor, app.appId)).toEqual({ ok: false, error: "app_disabled" });
    expect(await jobsOf(app)).toEqual([]);
  });

  test("S12 every command and query returns not_found for another organization's app", async () => {
    const { app } = await openApp();
    const { runId } = await queueSync(await openApp().then(({ organization }) => organization), app).catch(
      () => ({ runId: "" }),
    );
    expect(runId).toBe("");
    const own = await openApp();
    const job = await queueSync(own.organization, own.app);
    const stranger = await makeOrganization();
    const missing = { code: "not_found" };

    for (const appId of [own.app.appId, crypto.randomUUID(), "x", ""]) {
      await expect(startSync(stranger.actor, appId), appId).rejects.toMatchObject(missing);
      await expect(listRuns(stranger.reader, appId), appId).rejects.toMatchObject(missing);
      await expect(getDirectorySummary(stranger.reader, appId), appId).rejects.toMatchObject(missing);
    }
    for (const id of [job.runId, crypto.randomUUID(), "x", ""]) {
      await expect(cancelSync(stranger.actor, id), id).rejects.toMatchObject(missing);
      await expect(getRun(stranger.reader, id), id).rejects.toMatchObject(missing);
    }
    expect(await readRun(job)).toMatchObject({ state: "queued" });
  });

  test("refuses to start a sync for a viewer", async () => {
    const { as } = await makeOrganization();
    expect(() => as("viewer")).toThrow(expect.objectContaining({ code: "forbidden" }));
    expect(as("admin")).toMatchObject({ role: "admin" });
  });

  test("creates the first sync in the transaction that connects the app", async () => {
    const { organization, app } = await openApp();
    const undone = inOrganization(organization, async (tx) => {
      await enqueueFirstSync(tx, app);
      throw new Error("undone");
    });
    await expect(undone).rejects.toThrow("undone");
    expect([await jobsOf(app), await readApp(app)]).toMatchObject([[], { activeRunId: null, runsMade: 0 }]);

    const { runId } = await inOrganization(organization, (tx) => enqueueFirstSync(tx, app));
    expect(await readRun({ ...app, runId })).toMatchObject({ trigger: "first", startedBy: null });
    expect(await jobsOf(app)).toHaveLength(1);
  });
});

describe("cancelSync", () => {
  test("cancels a queued run at once and removes its job", async () => {
    const { organization, app, actor } = await openApp();
    const { runId } = await queueSync(organization, app);

    expect(await cancelSync(actor, runId)).toEqual({ ok: true, value: null });
    expect(await readRun({ ...app, runId })).toMatchObject({
      state: "cancelled",
      finishedAt: expect.any(Date),
    });
    expect(await jobsOf(app)).toEqual([]);
    expect((await readApp(app)).activeRunId).toBeNull();
    expect(await cancelSync(actor, runId)).toEqual({ ok: false, error: "over" });
  });

  test("does not cancel a job that a worker fetched at that moment, even when a later run is queued", async () => {
    const dingtalk = await openDingtalk();
    const { organization, app, actor } = await openApp();
    const cancelled = await queueSync(organization, app);
    await cancelSync(actor, cancelled.runId);
    const next = await queueSync(organization, app);
    await runSync(cancelled, never, toolsFor(dingtalk));

    expect(await readRun(next)).toMatchObject({ state: "queued" });
    expect(dingtalk.control.readCalls().total).toBe(0);
  });

  test("cancels a running run at its next call, which writes nothing", async () => {
    const dingtalk = await openDingtalk(60);
    const { organization, app, actor } = await openApp();
    const job = await queueSync(organization, app);
    const tools = toolsFor(dingtalk);
    let listsBefore = 0;
    const counted = interrupted(tools, 7, async () => {
      await cancelSync(actor, job.runId);
      listsBefore = counted.lists();
    });
    await runSync(job, never, counted.tools);

    // Calls that had just passed the check may still be made, one per queue
    expect(listsBefore).toBeGreaterThan(0);
    expect(counted.lists() - listsBefore).toBeLessThanOrEqual(4);
    expect(await readRun(job)).toMatchObject({ state: "cancelled", added: 0, isComplete: false });
    expect(await rowVersions(app)).toBe("");
    expect((await syncNow(organization, app, tools)).state).toBe("succeeded");
  });
});

describe("deleting an app", () => {
  test("deleting an app stops its running run at the next call and leaves no rows", async () => {
    const dingtalk = await openDingtalk(60);
    const { organization, app } = await openApp();
    const job = await queueSync(organization, app);
    let listsBefore = 0;
    const { tools, lists } = interrupted(toolsFor(dingtalk), 7, async () => {
      await inOrganization(organization, (tx) =>
        tx.dingtalkApp.deleteMany({ where: { organizationId: app.organizationId, id: app.appId } }),
      );
      listsBefore = lists();
    });
    await runSync(job, never, tools);

    expect(listsBefore).toBeGreaterThan(0);
    expect(lists() - listsBefore).toBeLessThanOrEqual(4);
    const left = await asAdmin<{ n: number }>(
      "SELECT (SELECT count(*) FROM sync_run WHERE app_id = $1)::int + (SELECT count(*) FROM department WHERE app_id = $1)::int AS n",
      [app.appId],
    );
    expect(left).toEqual([{ n: 0 }]);
  });

  test("a fetched job of a deleted app does nothing, and a waiting job is removed", async () => {
    const dingtalk = await openDingtalk();
    const { organization, app } = await openApp();
    const job = await queueSync(organization, app);
    await inOrganization(organization, async (tx) => {
      await dropQueuedSync(tx, app);
      await tx.dingtalkApp.deleteMany({ where: { organizationId: app.organizationId, id: app.appId } });
    });
    await runSync(job, never, toolsFor(dingtalk));

    expect(await jobsOf(app)).toEqual([]);
    expect(dingtalk.control.readCalls().total).toBe(0);
  });

  test("deleting an organization removes the waiting jobs of all its apps, and of no other", async () => {
    const [mine, theirs] = [await openApp(), await openApp()];
    const second = await connectApp(mine.organization, { appKey: "another" });
    await queueSync(mine.organization, mine.app);
    await queueSync(mine.organization, second);
    await queueSync(theirs.organization, theirs.app);
    await inOrganization(mine.organization, (tx) => dropQueuedSyncs(tx, mine.organization.organizationId));

    const left = await Promise.all([mine.app, second, theirs.app].map(jobsOf));
    expect(left.map((jobs) => jobs.length)).toEqual([0, 0, 1]);
  });
});

describe("syncs of two organizations", () => {
  test("S17 two organizations store two trees and separate runs for the same DingTalk app", async () => {
    const dingtalk = await openDingtalk();
    const [a, b] = [await openApp(), await openApp()];
    await syncNow(a.organization, a.app, toolsFor(dingtalk));

    expect(await rowVersions(b.app)).toBe("");
    expect((await listRuns(b.organization.reader, b.app.appId)).runs).toEqual([]);
    await syncNow(b.organization, b.app, toolsFor(dingtalk));
    const sizes = await Promise.all(
      [a, b].map(({ organization, app }) => getDirectorySummary(organization.reader, app.appId)),
    );
    expect(sizes[0]?.departments).toBe(sizes[1]?.departments);
    expect(sizes[0]?.departments).toBeGreaterThan(0);
    expect((await listRuns(a.organization.reader, a.app.appId)).runs).toHaveLength(1);
  });

  test("does nothing for a job that mixes the id of one organization with an app of another", async () => {
    const dingtalk = await openDingtalk();
    const [a, b] = [await openApp(), await openApp()];
    const job = await queueSync(b.organization, b.app);
    await runSync({ ...job, organizationId: a.organization.organizationId }, never, toolsFor(dingtalk));

    expect(await readRun(job)).toMatchObject({ state: "queued" });
    expect(dingtalk.control.readCalls().total).toBe(0);
  });
});
