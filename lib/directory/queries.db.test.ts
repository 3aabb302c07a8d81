import { describe, expect, test } from "vitest";
import {
  connectApp,
  makeOrganization,
  openDingtalk,
  queueSync,
  syncNow,
  toolsFor,
} from "@/lib/testing/directory-sync";
import { cancelSync } from "./commands";
import { getDirectorySummary, getRun, listRuns } from "./queries";

async function openApp() {
  const organization = await makeOrganization();
  return { organization, app: await connectApp(organization), actor: organization.actor };
}

describe("the queries", () => {
  test("list the newest first, 50 a page, each run once", async () => {
    const { organization, app, actor } = await openApp();
    for (let made = 0; made < 53; made += 1) {
      const { runId } = await queueSync(organization, app);
      await cancelSync(actor, runId);
    }
    const first = await listRuns(organization.reader, app.appId);
    const second = await listRuns(organization.reader, app.appId, { cursor: first.cursor });

    expect(first.runs.map(({ number }) => number)).toEqual(Array.from({ length: 50 }, (_, n) => 53 - n));
    expect(second.runs.map(({ number }) => number)).toEqual([3, 2, 1]);
    expect(second.cursor).toBeNull();
    for (const cursor of ["0", "-1", "x", "1; DROP", "99999999999"]) {
      expect((await listRuns(organization.reader, app.appId, { cursor })).runs).toHaveLength(50);
    }
  });

  test("say how a directory stands, what is expected of a run, and when the next one is due", async () => {
    const dingtalk = await openDingtalk();
    const { organization, app } = await openApp();
    const empty = await getDirectorySummary(organization.reader, app.appId);
    expect(empty).toMatchObject({ departments: 0, removed: 0, lastSeenAt: null, lastRun: null });

    const first = await syncNow(organization, app, toolsFor(dingtalk));
    const second = await queueSync(organization, app);
    expect(await getRun(organization.reader, second.runId)).toMatchObject({
      state: "queued",
      departmentsExpected: first.departmentsSeen,
      resumes: null,
      resumedBy: null,
    });
    expect(await getRun(organization.reader, first.id)).toMatchObject({ departmentsExpected: null });
    expect(await getDirectorySummary(organization.reader, app.appId)).toMatchObject({
      departments: first.added,
      lastSeenAt: first.finishedAt,
      activeRunId: second.runId,
      lastRun: { id: second.runId, number: 2 },
      nextSyncAt: expect.any(Date),
    });
  });
});
