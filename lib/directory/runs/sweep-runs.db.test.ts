import { describe, expect, test } from "vitest";
import type { AppRef } from "@/lib/app-ref";
import { inOrganization } from "@/lib/db/unit-of-work";
import {
  asAdmin,
  connectApp,
  makeOrganization,
  openDingtalk,
  queueSync,
  readApp,
  readRun,
  syncNow,
  toolsFor,
} from "@/lib/testing/directory-sync";
import type { AppState } from "@/prisma/generated/enums";
import { runSync } from "../sync/run-sync";
import { beginRun } from "./begin-run";
import { cancelSync } from "./cancel-run";
import { dueAt } from "./schedule";
import { sweepSyncs } from "./sweep-runs";

const HOUR_MS = 3_600_000;
const never = new AbortController().signal;

async function openApp(state: AppState = "verified") {
  const organization = await makeOrganization();
  const app = await connectApp(organization, { state });
  const sweep = (now?: Date) => sweepSyncs(organization.organizationId, now);
  const runs = () =>
    inOrganization(organization, (tx) =>
      tx.syncRun.findMany({
        where: { organizationId: app.organizationId, appId: app.appId },
        orderBy: { number: "asc" },
      }),
    );
  return { organization, app, sweep, runs };
}

const loseJobs = ({ appId }: AppRef) =>
  asAdmin("DELETE FROM pgboss.job WHERE name = 'sync' AND data ->> 'appId' = $1", [appId]);

const jobsOf = ({ appId }: AppRef) =>
  asAdmin<{ data: object }>("SELECT data FROM pgboss.job WHERE name = 'sync' AND data ->> 'appId' = $1", [
    appId,
  ]);

describe("schedule in the sweep", () => {
  test("starts a due sync once, however many processes sweep at once", async () => {
    const { app, sweep, runs } = await openApp();
    const done = await Promise.all(Array.from({ length: 5 }, () => sweep()));

    // A distributed database may show the run before its job; the sweep then adds the same job
    expect(done.reduce((sum, each) => sum + each, 0)).toBeGreaterThan(0);
    expect(await runs()).toMatchObject([{ trigger: "schedule", state: "queued", startedBy: null }]);
    expect(await sweep()).toBe(0);
    expect(await jobsOf(app)).toHaveLength(1);
  });

  test("starts the next sync at its due time, not before", async () => {
    const { organization, app, sweep, runs } = await openApp();
    await sweep();
    await cancelSync(organization.actor, (await readApp(app)).activeRunId ?? "");
    const due = dueAt(app.appId, 6, new Date());
    const next = due.getTime() + 6 * HOUR_MS;

    expect(await sweep(new Date(next - 1))).toBe(0);
    expect(await sweep(new Date(next))).toBe(1);
    expect(await runs()).toHaveLength(2);
  });

  test("does not start a sync after one was requested since the due time", async () => {
    const { organization, app, sweep } = await openApp();
    await cancelSync(organization.actor, (await queueSync(organization, app)).runId);

    expect(await sweep()).toBe(0);
  });

  test.each<AppState>(["draft", "broken", "disabled"])(
    "starts no sync of an app that is %s",
    async (state) => {
      const { sweep, runs } = await openApp(state);

      expect(await sweep()).toBe(0);
      expect(await runs()).toEqual([]);
    },
  );

  test("starts no sync of an app without a schedule", async () => {
    const { app, sweep } = await openApp();
    await inOrganization(app, (tx) =>
      tx.dingtalkApp.updateMany({
        where: { organizationId: app.organizationId, id: app.appId },
        data: { syncEveryHours: 0 },
      }),
    );

    expect(await sweep()).toBe(0);
  });

  test("sweeping one organization does not affect another organization's apps", async () => {
    const [mine, theirs] = [await openApp(), await openApp()];
    await mine.sweep();

    expect(await theirs.runs()).toEqual([]);
  });
});

describe("runs that lost their job", () => {
  test("a queued run that lost its job gets a new job that works", async () => {
    const dingtalk = await openDingtalk();
    const { organization, app, sweep } = await openApp();
    const job = await queueSync(organization, app);
    await loseJobs(app);

    expect(await sweep()).toBe(1);
    expect(await jobsOf(app)).toMatchObject([{ data: job }]);
    await runSync(job, never, toolsFor(dingtalk));
    expect(await readRun(job)).toMatchObject({ state: "succeeded" });
  });

  test("interrupts a running run that lost its job, so that the app can be synced again", async () => {
    const dingtalk = await openDingtalk();
    const { organization, app, sweep } = await openApp();
    const job = await queueSync(organization, app);
    await beginRun(job);
    await loseJobs(app);
    await sweep();

    expect(await readRun(job)).toMatchObject({ state: "interrupted", error: { kind: "job_lost" } });
    expect((await readApp(app)).activeRunId).toBeNull();
    expect((await syncNow(organization, app, toolsFor(dingtalk))).state).toBe("succeeded");
  });

  test("does not assume a lost job while the job of the run that it resumed still exists", async () => {
    const { organization, app, sweep } = await openApp();
    const job = await queueSync(organization, app);
    await beginRun(job);
    const taken = await beginRun(job);

    expect(await sweep()).toBe(0);
    expect((await readApp(app)).activeRunId).toBe(taken?.runId);
  });
});
