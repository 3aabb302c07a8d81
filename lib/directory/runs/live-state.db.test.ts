import { describe, expect, test } from "vitest";
import { inOrganization } from "@/lib/db/unit-of-work";
import {
  connectApp,
  makeOrganization,
  openDingtalk,
  queueSync,
  syncNow,
  TEST_APP_KEY,
  toolsFor,
} from "@/lib/testing/directory-sync";
import { beginRun } from "./begin-run";
import { cancelSync } from "./cancel-run";
import { getLiveState } from "./live-state";
import { recordProgress } from "./track-progress";

async function openApp() {
  const organization = await makeOrganization();
  const app = await connectApp(organization);
  const read = (appId: string | null = app.appId) => getLiveState(organization.reader, appId, 1_000);
  return { organization, app, read };
}

describe("live state", () => {
  test("the stamp changes when a run begins and ends, but not with the run's counters", async () => {
    const { organization, app, read } = await openApp();
    const before = await read();
    expect(before.runs).toEqual({});
    const job = await queueSync(organization, app);
    const queued = await read();
    const run = await beginRun(job);
    const begun = await read();
    if (!run) throw new Error("set-up failed");
    await recordProgress(run, {
      departmentsSeen: 7,
      membersSeen: 3,
      calls: 9,
      throttles: 1,
      callsByApi: { "user/list": 9 },
      stage: "read",
    });
    const counted = await read();
    await cancelSync(organization.actor, run.runId);
    const after = await read();

    expect(counted.stamp).toBe(begun.stamp);
    expect(new Set([before, queued, begun, after].map(({ stamp }) => stamp)).size).toBe(4);
    expect(counted.runs[app.appId]).toEqual({
      id: run.runId,
      number: 1,
      state: "running",
      stage: "read",
      departmentsSeen: 7,
      departmentsExpected: null,
      membersSeen: 3,
      calls: 9,
      callsByApi: { "user/list": 9 },
      callsExpected: null,
      throttles: 1,
      startedAtMs: expect.any(Number),
      nowMs: 1_000,
    });
    expect(after.runs).toEqual({});
  });

  test("the stamp changes with the app's state, and the live state contains a run's expected figures", async () => {
    const dingtalk = await openDingtalk();
    const { organization, app, read } = await openApp();
    const first = await syncNow(organization, app, toolsFor(dingtalk));
    const { stamp } = await read();
    await queueSync(organization, app);
    const { runs } = await read();
    expect(runs[app.appId]).toMatchObject({
      state: "queued",
      departmentsExpected: first.departmentsSeen,
      callsExpected: first.callsByApi,
    });
    const { organizationId, appId: id } = app;
    await inOrganization(app, (tx) =>
      tx.dingtalkApp.updateMany({
        where: { organizationId, id },
        data: { state: "broken", activeRunId: null },
      }),
    );
    expect((await read()).stamp).not.toBe(stamp);
  });

  test("the stamp changes when a run is held and when it is decided, even after later runs", async () => {
    const { organization, app, read } = await openApp();
    const held = await queueSync(organization, app);
    await cancelSync(organization.actor, held.runId);
    const { runId } = await queueSync(organization, app);
    await cancelSync(organization.actor, runId);
    const setState = (state: "held" | "rejected") =>
      inOrganization(app, (tx) =>
        tx.syncRun.updateMany({
          where: { organizationId: app.organizationId, id: held.runId },
          data: { state },
        }),
      );
    const { stamp } = await read();
    await setState("held");
    expect((await read()).stamp).not.toBe(stamp);
    await setState("rejected");
    expect((await read()).stamp).toBe(stamp);
  });

  test("the live state covers one app, or all apps of the organization, and no other's", async () => {
    const { organization, app, read } = await openApp();
    const { stamp } = await read();
    const all = await read(null);
    expect(all.stamp, "one app is all of them").toBe(stamp);
    const second = await connectApp(organization, { appKey: `${TEST_APP_KEY}2` });
    const job = await queueSync(organization, second);
    expect((await read()).stamp, "the first app is as it was").toBe(stamp);
    expect(Object.keys((await read(null)).runs)).toEqual([job.appId]);

    const other = await makeOrganization();
    expect((await getLiveState(other.reader)).runs).toEqual({});
    for (const appId of [app.appId, "no-id"]) {
      await expect(getLiveState(other.reader, appId)).rejects.toMatchObject({ code: "not_found" });
    }
  });
});
