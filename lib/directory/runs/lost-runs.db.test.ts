import { describe, expect, test } from "vitest";
import type { RunRef } from "@/lib/app-ref";
import { inOrganization } from "@/lib/db/unit-of-work";
import {
  asAdmin,
  connectApp,
  makeOrganization,
  queueSync,
  readApp,
  readRun,
} from "@/lib/testing/directory-sync";
import { syncJob } from "../sync/job-handler";
import { beginRun } from "./begin-run";
import { cancelSync } from "./cancel-run";
import { giveUpRun } from "./lost-runs";

const giveUp = (run: RunRef) => inOrganization(run, (tx) => giveUpRun(tx, run));

/** Begins a run and resumes it once for each lost worker. @returns the last run */
async function loseWorkers(job: RunRef, times: number): Promise<RunRef> {
  let run: RunRef | null = null;
  for (let begun = 0; begun < times; begun += 1) run = await beginRun(job);
  if (!run) throw new Error("a run was not begun");
  return run;
}

async function openApp() {
  const organization = await makeOrganization();
  const app = await connectApp(organization);
  return { organization, app, job: await queueSync(organization, app) };
}

describe("runs that lost five workers", () => {
  test("the sixth attempt interrupts the run, and its app can be synced again", async () => {
    const { organization, app, job } = await openApp();
    const taken = await loseWorkers(job, 5);
    await syncJob(job, { id: crypto.randomUUID(), tries: 6, signal: new AbortController().signal });

    expect(await readRun(taken)).toMatchObject({ state: "interrupted", error: { kind: "job_lost" } });
    expect((await readApp(app)).activeRunId).toBeNull();
    expect(await readRun(await queueSync(organization, app))).toMatchObject({ state: "queued" });
  });

  test("a run continues at the fifth attempt of its job", async () => {
    const { app, job } = await openApp();
    const begun = await beginRun(job);
    await syncJob(job, { id: crypto.randomUUID(), tries: 5, signal: new AbortController().signal });

    expect(await readRun(job)).toMatchObject({ state: "running" });
    expect((await readApp(app)).activeRunId).toBe(begun?.runId);
  });

  test("a run starts at the sixth attempt of its job if no attempt started it before", async () => {
    const { app, job } = await openApp();
    const [taken] = await asAdmin<{ id: string }>(
      "UPDATE pgboss.job SET state = 'active', retry_count = 5 WHERE data ->> 'runId' = $1 RETURNING id",
      [job.runId],
    );
    // Ends the work at once, without a call to DingTalk
    await asAdmin("UPDATE dingtalk_app SET state = 'disabled' WHERE id = $1", [app.appId]);
    await syncJob(job, { id: taken?.id ?? "", tries: 6, signal: new AbortController().signal });

    expect(await readRun(job)).toMatchObject({ state: "failed", error: { kind: "app_disabled" } });
  });

  test("a run stays active when earlier attempts failed before it started", async () => {
    const { job } = await openApp();
    const taken = await loseWorkers(job, 4);

    expect(await giveUp(job)).toBe(false);
    expect(await readRun(taken)).toMatchObject({ state: "running" });
  });

  test("a run that never began stays queued", async () => {
    const { app, job } = await openApp();

    expect(await giveUp(job)).toBe(false);
    expect(await readRun(job)).toMatchObject({ state: "queued" });
    expect((await readApp(app)).activeRunId).toBe(job.runId);
  });

  test("the sixth attempt does not interrupt a later run of its app", async () => {
    const { organization, app, job } = await openApp();
    await cancelSync(organization.actor, job.runId);
    const later = await queueSync(organization, app);
    const taken = await loseWorkers(later, 5);

    expect(await giveUp(job)).toBe(false);
    expect(await readRun(taken)).toMatchObject({ state: "running" });
  });

  test("ignores a lost run after its app was deleted", async () => {
    const { app, job } = await openApp();
    await asAdmin("DELETE FROM dingtalk_app WHERE id = $1", [app.appId]);

    expect(await giveUp(job)).toBe(false);
  });
});
