import { describe, expect, test } from "vitest";
import type { RunRef } from "@/lib/app-ref";
import { inOrganization } from "@/lib/db/unit-of-work";
import {
  asAdmin,
  connectApp,
  makeOrganization,
  openDingtalk,
  queueSync,
  readApp,
  rowVersions,
  syncNow,
  toolsFor,
  treeOf,
  truthOf,
} from "@/lib/testing/directory-sync";
import type { AppState } from "@/prisma/generated/enums";
import { runSync } from "../sync/run-sync";
import { deleteAbandonedWalks } from "./checkpoint-lifetime";
import { getDirectorySummary } from "./directory-summary";

const LISTSUB = "topapi/v2/department/listsub";
const BUSY = { kind: "errcode", errcode: -1 } as const;
const MINUTE_MS = 60_000;
const never = new AbortController().signal;

type Job = { readonly data: RunRef; readonly startAfter: Date };

/** An app whose first run failed after a part of the tree. */
async function openFailed(fault: Parameters<typeof addFault>[0] = BUSY) {
  const dingtalk = await openDingtalk(19);
  const organization = await makeOrganization();
  const app = await connectApp(organization);
  // No repeats: a failed call ends the run at once
  const tools = toolsFor(dingtalk, { pausesMs: [] });
  const { control } = dingtalk;
  addFault(fault);
  const failed = await syncNow(organization, app, tools);
  const runs = () =>
    inOrganization(organization, (tx) =>
      tx.syncRun.findMany({
        where: { organizationId: app.organizationId, appId: app.appId },
        orderBy: { number: "asc" },
      }),
    );
  /** Returns the waiting retry, if any. */
  const retry = async (runId: string): Promise<Job | undefined> =>
    (
      await asAdmin<Job>(
        `SELECT data, start_after AS "startAfter" FROM pgboss.job WHERE data ->> 'runId' = $1 AND start_after > created_on`,
        [runId],
      )
    )[0];
  /** Moves the retry's time to now, and does its job. */
  const workOff = async (runId: string) => {
    const job = await retry(runId);
    if (!job) throw new Error("no retry waits");
    // The column rounds to milliseconds, so `now()` may lie ahead when the job begins
    await asAdmin("UPDATE sync_run SET retry_at = now() - interval '1 second' WHERE id = $1", [runId]);
    await runSync(job.data, never, tools);
    const all = await runs();
    return { run: all.at(-1), runs: all };
  };
  return { dingtalk, control, organization, app, tools, failed, runs, retry, workOff };

  function addFault(each: Parameters<typeof control.addFault>[0]["fault"]) {
    control.addFault({ path: LISTSUB, afterCalls: 10, fault: each });
  }
}

describe("runs that failed by a passing fault", () => {
  test("retries a failed run after 5, 15 and 60 minutes, and then waits for the schedule", async () => {
    const { failed, retry, workOff } = await openFailed();
    const pauses: number[] = [];
    let last = failed;
    for (let tries = 0; tries < 3; tries += 1) {
      const waiting = await retry(last.id);
      expect(waiting?.startAfter).toEqual(last.retryAt);
      pauses.push((last.retryAt?.getTime() ?? 0) - (last.finishedAt?.getTime() ?? 0));
      const { run } = await workOff(last.id);
      if (!run) throw new Error("no run");
      expect(run).toMatchObject({ state: "failed", trigger: "retry", resumesRunId: last.id });
      last = run;
    }

    expect(pauses).toEqual([5 * MINUTE_MS, 15 * MINUTE_MS, 60 * MINUTE_MS]);
    expect(last.retryAt).toBeNull();
    expect(await retry(last.id)).toBeUndefined();
  });

  test("a retry resumes from the checkpoint and succeeds after the fault has passed", async () => {
    const { dingtalk, control, organization, app, failed, workOff } = await openFailed();
    await deleteAbandonedWalks(app.organizationId);
    control.clearFaults();
    control.clearCalls();
    const { run } = await workOff(failed.id);

    expect(run).toMatchObject({ state: "succeeded", isComplete: true, trigger: "retry", number: 2 });
    expect(await treeOf(app)).toEqual(truthOf(dingtalk));
    const departments = truthOf(dingtalk).size;
    // The checkpoint has ten lists
    expect(control.readCalls({ path: LISTSUB }).total).toBe(departments - 10);
    expect(await asAdmin("SELECT FROM walk_list WHERE app_id = $1", [app.appId])).toEqual([]);
    const { nextSyncAt, lastRun } = await getDirectorySummary(organization.reader, app.appId);
    expect([lastRun?.retryAt, nextSyncAt]).toEqual([null, expect.any(Date)]);
  });

  test("shows the time of the run's retry", async () => {
    const { organization, app, failed } = await openFailed();
    const { nextSyncAt } = await getDirectorySummary(
      organization.reader,
      app.appId,
      failed.finishedAt ?? undefined,
    );

    expect(nextSyncAt?.getTime()).toBeLessThanOrEqual((failed.finishedAt?.getTime() ?? 0) + 5 * MINUTE_MS);
  });

  test("does not retry a run before its time, even with two jobs in the queue", async () => {
    const { tools, failed, runs, retry } = await openFailed();
    const job = await retry(failed.id);
    if (!job) throw new Error("no retry waits");
    await runSync(job.data, never, tools);

    expect(await runs()).toHaveLength(1);
  });

  test("does not retry a run after a later run of the app", async () => {
    const { control, organization, app, tools, failed, runs, workOff } = await openFailed();
    control.clearFaults();
    const since = await syncNow(organization, app, tools);
    const before = await rowVersions(app);
    await workOff(failed.id);

    expect(since).toMatchObject({ state: "succeeded", trigger: "manual" });
    expect(await runs()).toHaveLength(2);
    expect(await rowVersions(app)).toBe(before);
  });

  test.each<AppState>(["broken", "disabled"])(
    "does not retry a run when the app is %s by then",
    async (state) => {
      const { app, failed, runs, workOff } = await openFailed();
      await asAdmin('UPDATE dingtalk_app SET state = $2::"AppState" WHERE id = $1', [app.appId, state]);
      await workOff(failed.id);

      expect(await runs()).toHaveLength(1);
      expect((await readApp(app)).activeRunId).toBeNull();
    },
  );

  test("a retry starts without a checkpoint that is two hours old", async () => {
    const { control, app, failed, workOff } = await openFailed();
    await asAdmin("UPDATE sync_run SET started_at = now() - interval '121 minutes' WHERE app_id = $1", [
      app.appId,
    ]);
    control.clearFaults();
    const { run } = await workOff(failed.id);

    expect(run).toMatchObject({ state: "succeeded", walkId: run?.id });
  });

  test("keeps a run's checkpoint until 15 minutes after the time of its retry", async () => {
    const { app, failed } = await openFailed();
    const kept = () => asAdmin("SELECT FROM walk_list WHERE app_id = $1", [app.appId]);
    const retryAt = (minutesAgo: number) =>
      asAdmin("UPDATE sync_run SET retry_at = now() - make_interval(mins => $2) WHERE id = $1", [
        failed.id,
        minutesAgo,
      ]);
    await retryAt(14);
    await deleteAbandonedWalks(app.organizationId);
    expect(await kept()).not.toEqual([]);
    await retryAt(16);
    await deleteAbandonedWalks(app.organizationId);
    expect(await kept()).toEqual([]);
  });
});

test("does not retry a run that failed by a permanent fault", async () => {
  const { app, failed, retry } = await openFailed({ kind: "errcode", errcode: 60011 });

  expect(failed).toMatchObject({ state: "failed", retryAt: null });
  expect(await retry(failed.id)).toBeUndefined();
  expect(await asAdmin("SELECT FROM walk_list WHERE app_id = $1", [app.appId])).toEqual([]);
});

test("a job resumes its retry that lost its worker", async () => {
  const { control, dingtalk, app, failed, tools, runs, retry } = await openFailed();
  const job = await retry(failed.id);
  if (!job) throw new Error("no retry waits");
  await asAdmin("UPDATE sync_run SET retry_at = now() - interval '1 second' WHERE id = $1", [failed.id]);
  const stop = new AbortController();
  const cut = runSync(job.data, stop.signal, {
    ...tools,
    pausesMs: [1],
    sleep: async (_, signal) => {
      stop.abort(new Error("stopped"));
      signal.throwIfAborted();
    },
  });
  await expect(cut).rejects.toThrow("stopped");
  control.clearFaults();
  await runSync(job.data, never, tools);

  expect((await runs()).map(({ state, trigger }) => `${state} ${trigger}`)).toEqual([
    "failed manual",
    "interrupted retry",
    "succeeded takeover",
  ]);
  expect(await treeOf(app)).toEqual(truthOf(dingtalk));
});

test("a requested sync begins at once while a retry waits", async () => {
  const { control, organization, app, failed } = await openFailed();
  control.clearFaults();
  const { runId } = await queueSync(organization, app);

  expect(runId).not.toBe(failed.id);
  expect((await readApp(app)).activeRunId).toBe(runId);
});
