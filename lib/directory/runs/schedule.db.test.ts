import { describe, expect, test } from "vitest";
import { recordSuccess } from "@/lib/app-health/app-state";
import { inOrganization } from "@/lib/db/unit-of-work";
import { openAdmin, storedJobs } from "@/lib/jobs/test-support/stored-jobs";
import { connectApp, makeOrganization } from "@/lib/testing/directory-sync";
import type { AppState } from "@/prisma/generated/enums";
import { nextDueAt, scheduleSync, startScheduled, syncDueJob } from "./schedule";

const HOUR_MS = 3_600_000;
const admin = openAdmin();
const context = { id: "", tries: 1, signal: new AbortController().signal };

async function openApp(state: AppState = "verified") {
  const organization = await makeOrganization();
  const app = await connectApp(organization, { state });
  const runs = () =>
    inOrganization(app, (tx) =>
      tx.syncRun.findMany({
        where: { organizationId: app.organizationId, appId: app.appId },
        select: { trigger: true, state: true },
      }),
    );
  const jobs = () => storedJobs(admin, "sync.due", `${app.organizationId}/${app.appId}`);
  const start = (now: Date) => inOrganization(app, (tx) => startScheduled(tx, app, now));
  const setEvery = (hours: number) =>
    inOrganization(app, (tx) =>
      tx.dingtalkApp.updateMany({
        where: { organizationId: app.organizationId, id: app.appId },
        data: { syncEveryHours: hours },
      }),
    );
  return { app, runs, jobs, start, setEvery };
}

describe("job sync.due of an app", () => {
  test("the job starts a due sync and is scheduled for the next time", async () => {
    const { app, runs, jobs } = await openApp();
    await syncDueJob(app, context);

    expect(await runs()).toEqual([{ trigger: "schedule", state: "queued" }]);
    expect(await jobs()).toMatchObject([
      { state: "created", data: app, start_after: nextDueAt(app.appId, 6, new Date()) },
    ]);
  });

  test("the job starts nothing early and keeps its time", async () => {
    const { app, runs, jobs, start } = await openApp();
    const due = nextDueAt(app.appId, 6, new Date()) ?? new Date();
    await start(due);
    await start(new Date(due.getTime() + 1));
    await start(new Date(due.getTime() + 6 * HOUR_MS - 1));

    expect(await runs()).toHaveLength(1);
    expect(await jobs()).toMatchObject([{ start_after: new Date(due.getTime() + 6 * HOUR_MS) }]);
  });

  test.each<AppState>(["draft", "broken"])(
    "the job skips an app that is %s until the next due time",
    async (state) => {
      const { app, runs, jobs } = await openApp(state);
      await syncDueJob(app, context);

      expect(await runs()).toEqual([]);
      expect(await jobs()).toMatchObject([{ start_after: nextDueAt(app.appId, 6, new Date()) }]);
    },
  );

  test("does not schedule the job again for a disabled app", async () => {
    const { app, runs, jobs } = await openApp("disabled");
    await syncDueJob(app, context);

    expect([await runs(), await jobs()]).toEqual([[], []]);
  });

  test("removes the job of an app without a schedule", async () => {
    const { app, jobs, setEvery } = await openApp();
    await inOrganization(app, (tx) => scheduleSync(tx, app, { everyHours: 6, now: new Date() }));
    await setEvery(0);
    await syncDueJob(app, context);

    expect(await jobs()).toEqual([]);
  });

  test("the job of a deleted app succeeds without effect", async () => {
    const { organizationId } = await makeOrganization();

    await expect(
      syncDueJob({ organizationId, appId: crypto.randomUUID() }, context),
    ).resolves.toBeUndefined();
  });

  test("runs the job at once when an app recovers that missed its time", async () => {
    const { app, jobs } = await openApp("degraded");
    await inOrganization(app, (tx) => scheduleSync(tx, app, { everyHours: 6, now: new Date() }));
    const [before] = await jobs();
    await inOrganization(app, (tx) => recordSuccess(tx, app, "worked", new Date()));
    const [after, ...others] = await jobs();

    expect(others).toEqual([]);
    expect(after?.start_after.getTime()).toBeLessThan(before?.start_after.getTime() ?? 0);
  });
});
