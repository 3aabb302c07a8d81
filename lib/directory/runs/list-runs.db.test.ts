import { describe, expect, test } from "vitest";
import { encodeCursor } from "@/lib/pagination/cursor";
import {
  connectApp,
  makeOrganization,
  openDingtalk,
  queueSync,
  syncNow,
  toolsFor,
} from "@/lib/testing/directory-sync";
import { cancelSync } from "./cancel-run";
import { getDirectorySummary, listDirectorySummaries } from "./directory-summary";
import { getRun } from "./get-run";
import { listRuns } from "./list-runs";
import { type RunsQuery, runsQuery } from "./schema";

async function openApp() {
  const organization = await makeOrganization();
  return { organization, app: await connectApp(organization), actor: organization.actor };
}

describe("listRuns and other queries", () => {
  test("lists each run once, newest first, 50 a page", async () => {
    const { organization, app, actor } = await openApp();
    for (let made = 0; made < 53; made += 1) {
      const { runId } = await queueSync(organization, app);
      await cancelSync(actor, runId);
    }
    const first = await listRuns(organization.reader, app.appId);
    const second = await listRuns(organization.reader, app.appId, { before: first.older ?? 0 });

    expect(first.runs.map(({ number }) => number)).toEqual(Array.from({ length: 50 }, (_, n) => 53 - n));
    expect(second.runs.map(({ number }) => number)).toEqual([3, 2, 1]);
    expect([first.newer, second.older]).toEqual([null, null]);
    const back = await listRuns(organization.reader, app.appId, { after: second.newer ?? 0 });
    expect(back).toEqual({ ...first, older: first.older });
  });

  test("filters runs by state and trigger on every page", async () => {
    const { organization, app, actor } = await openApp();
    for (let made = 0; made < 3; made += 1) {
      const { runId } = await queueSync(organization, app);
      if (made < 2) await cancelSync(actor, runId);
    }
    const numbers = async (query: RunsQuery) =>
      (await listRuns(organization.reader, app.appId, query)).runs.map(({ number }) => number);
    expect(await numbers({ state: "cancelled" })).toEqual([2, 1]);
    expect(await numbers({ state: "cancelled", before: 2 })).toEqual([1]);
    expect(await numbers({ trigger: "manual" })).toEqual([3, 2, 1]);
    expect(await numbers({ trigger: "schedule" })).toEqual([]);
  });

  test("ignores invalid URL parameters of the list of runs", () => {
    for (const cursor of ["0", "-1", "x", "1; DROP", encodeCursor("x"), encodeCursor(99_999_999_999)]) {
      expect(runsQuery.parse({ before: cursor, after: cursor, state: "raw", trigger: [] })).toEqual({});
    }
    const query = { before: encodeCursor(7), state: "failed", trigger: "first" };
    expect(runsQuery.parse(query)).toEqual({ ...query, before: 7 });
  });

  test("returns a directory's summary, a run's expected figures and the time of the next run", async () => {
    const dingtalk = await openDingtalk();
    const { organization, app } = await openApp();
    const empty = await getDirectorySummary(organization.reader, app.appId);
    expect(empty).toMatchObject({ departments: 0, removed: 0, lastSeenAt: null, lastRun: null });

    const first = await syncNow(organization, app, toolsFor(dingtalk));
    const second = await queueSync(organization, app);
    expect(await getRun(organization.reader, second.runId)).toMatchObject({
      state: "queued",
      departmentsExpected: first.departmentsSeen,
      callsExpected: first.callsByApi,
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
    const all = await listDirectorySummaries(organization.reader);
    const { removed: _, ...one } = await getDirectorySummary(organization.reader, app.appId);
    expect(all.get(app.appId)).toEqual(one);
  });
});
