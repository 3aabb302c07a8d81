import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AppRef, RunRef } from "@/lib/app-ref";
import { type Actor, grant } from "@/lib/auth/actor";
import { closeNotifications } from "@/lib/db/notifications";
import { inOrganization } from "@/lib/db/unit-of-work";
import { getRun } from "@/lib/directory/runs/get-run";
import { startSync } from "@/lib/directory/runs/start-run";
import { sweepSyncs } from "@/lib/directory/runs/sweep-runs";
import { runSync } from "@/lib/directory/sync/run-sync";
import {
  connectApp,
  interrupted,
  makeOrganization,
  openDingtalk,
  queueSync,
  readApp,
  syncNow,
  TEST_APP_KEY,
  type TestOrganization,
  toolsFor,
} from "@/lib/testing/directory-sync";
import { callerOf } from "@/lib/tokens/dingtalk-caller";
import { sweepRenewals } from "@/lib/tokens/renewal/sweep-renewals";
import { disableApp, enableApp } from "./enable-disable-app";
import { retestApp } from "./retest-app";

const never = new AbortController().signal;
let dingtalk: Awaited<ReturnType<typeof openDingtalk>>;
let addresses = 0;
const makeAddress = () => `203.0.113.${++addresses}`;

beforeAll(async () => {
  dingtalk = await openDingtalk();
  Object.assign(process.env, { DINGTALK_OAPI_URL: dingtalk.url, DINGTALK_API_URL: dingtalk.url });
});
afterAll(closeNotifications);

const changerOf = ({ organizationId, userId }: TestOrganization): Actor<"app.change"> =>
  grant({ organizationId, userId, role: "admin" }, "app.change");

async function makeApp() {
  const organization = await makeOrganization();
  const app = await connectApp(organization);
  return { organization, app, actor: changerOf(organization) };
}

/** Returns an app's waiting jobs. */
const jobsOf = ({ organizationId, appId }: AppRef) =>
  inOrganization(
    { organizationId },
    (tx) => tx.$queryRaw<{ name: string }[]>`
      SELECT name FROM pgboss.job WHERE data ->> 'appId' = ${appId} AND state IN ('created', 'retry')`,
  );

const tokenOf = ({ organizationId, appId }: AppRef) =>
  inOrganization({ organizationId }, (tx) =>
    tx.appToken.findUniqueOrThrow({ where: { organizationId_appId: { organizationId, appId } } }),
  );

describe("disabling an app", () => {
  test("disabling deletes the app's token, renewal and queued sync, and keeps its directory and who did it", async () => {
    const { organization, app, actor } = await makeApp();
    await syncNow(organization, app, toolsFor(dingtalk));
    const caller = await callerOf(app, app.appId);
    await caller.token.current();
    const queued = await queueSync(organization, app);
    expect(new Set((await jobsOf(app)).map(({ name }) => name))).toEqual(new Set(["sync", "token.renew"]));

    await disableApp(actor, app.appId);
    expect(await jobsOf(app)).toEqual([]);
    expect(await tokenOf(app)).toMatchObject({ sealedToken: null, expiresAt: null, renewAt: null });
    await expect
      .poll(() => caller.token.current().catch((error: { code: string }) => error.code))
      .toBe("conflict");
    const stored = await readApp(app);
    expect(stored).toMatchObject({ state: "disabled", disabledBy: organization.email, activeRunId: null });
    expect(stored.disabledAt).not.toBeNull();
    expect(stored.lastSeenAt, "its directory stays").not.toBeNull();
    expect(await getRun(organization.reader, queued.runId)).toMatchObject({
      state: "cancelled",
      error: { kind: "app_disabled" },
    });
  });

  test("disabling stops a running sync at its next call, without changes", async () => {
    const { organization, app, actor } = await makeApp();
    const job: RunRef = await queueSync(organization, app);
    const { tools, lists } = interrupted(toolsFor(dingtalk), 1, () => disableApp(actor, app.appId));
    await runSync(job, never, tools);
    expect(lists(), "no call after the running one").toBe(1);
    expect(await getRun(organization.reader, job.runId)).toMatchObject({ state: "cancelled", added: 0 });
    expect((await readApp(app)).activeRunId).toBeNull();
  });

  test("disabling prevents scheduled and manual syncs, and a successful test does not undo it", async () => {
    const { organization, app, actor } = await makeApp();
    await disableApp(actor, app.appId);
    const { disabledAt } = await readApp(app);
    await sweepRenewals(app.organizationId);
    await sweepSyncs(app.organizationId);
    expect(await jobsOf(app)).toEqual([]);
    expect(await startSync(organization.actor, app.appId)).toEqual({ ok: false, error: "app_disabled" });
    expect(await retestApp(actor, app.appId, makeAddress())).toMatchObject({ isPassed: true });
    await disableApp(changerOf(organization), app.appId);
    expect(await readApp(app), "unchanged by the second command").toMatchObject({
      state: "disabled",
      disabledAt,
    });
    expect(await jobsOf(app)).toEqual([]);
  });
});

describe("enabling an app", () => {
  test("enabling tests the app, and restores its token, renewal and schedule", async () => {
    const { organization, app, actor } = await makeApp();
    await syncNow(organization, app, toolsFor(dingtalk));
    await disableApp(actor, app.appId);
    expect(await enableApp(actor, app.appId, makeAddress())).toMatchObject({ isPassed: true });
    expect(await readApp(app)).toMatchObject({ state: "verified", disabledAt: null, disabledBy: null });
    expect((await tokenOf(app)).sealedToken).not.toBeNull();
    expect((await jobsOf(app)).map(({ name }) => name).sort()).toEqual(["sync.due", "token.renew"]);
    const sixHoursOn = new Date(Date.now() + 6 * 60 * 60_000);
    expect(await sweepSyncs(app.organizationId, sixHoursOn)).toBe(1);
  });

  test("enabling sets the state that follows from a failed test, and schedules a probe", async () => {
    const { app, actor } = await makeApp();
    await inOrganization(app, (tx) =>
      tx.dingtalkApp.updateMany({
        where: { organizationId: app.organizationId, id: app.appId },
        data: { verifiedAt: new Date() },
      }),
    );
    await disableApp(actor, app.appId);
    dingtalk.control.changeApp(TEST_APP_KEY, { permissions: ["qyapi_base"] as never });
    try {
      expect(await enableApp(actor, app.appId, makeAddress())).toMatchObject({ isPassed: false });
    } finally {
      dingtalk.control.changeApp(TEST_APP_KEY, {
        permissions: ["qyapi_base", "qyapi_get_department_list"] as never,
      });
    }
    expect(await readApp(app)).toMatchObject({
      state: "degraded",
      stateReason: { kind: "missing_permission" },
      probeAt: expect.any(Date),
      disabledAt: null,
    });
    expect((await jobsOf(app)).map(({ name }) => name).sort()).toEqual([
      "app.probe",
      "sync.due",
      "token.renew",
    ]);
  });

  test("enabling turns an app that never worked into a draft, and changes no app that is not disabled", async () => {
    const { organization, app, actor } = await makeApp();
    await disableApp(actor, app.appId);
    dingtalk.control.changeApp(TEST_APP_KEY, { permissions: ["qyapi_base"] as never });
    try {
      await enableApp(actor, app.appId, makeAddress());
      const other = await connectApp(organization, { appKey: `${TEST_APP_KEY}2` });
      await enableApp(actor, other.appId, makeAddress());
      expect((await readApp(other)).state).toBe("verified");
    } finally {
      dingtalk.control.changeApp(TEST_APP_KEY, {
        permissions: ["qyapi_base", "qyapi_get_department_list"] as never,
      });
    }
    expect((await readApp(app)).state).toBe("draft");
  });
});

test("S12 disabling and enabling another organization's app gives not_found", async () => {
  const { app } = await makeApp();
  const { actor } = await makeApp();
  for (const appId of [app.appId, "no-id"]) {
    await expect(disableApp(actor, appId)).rejects.toMatchObject({ code: "not_found" });
    await expect(enableApp(actor, appId, makeAddress())).rejects.toMatchObject({ code: "not_found" });
  }
  expect((await readApp(app)).state).toBe("verified");
});
