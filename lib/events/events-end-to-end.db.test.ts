import { describe, expect, test } from "vitest";
import type { AppRef } from "@/lib/app-ref";
import { grant } from "@/lib/auth/actor";
import { inOrganization } from "@/lib/db/unit-of-work";
import { createDingtalk } from "@/lib/dingtalk/client";
import { createDispatcher } from "@/lib/dingtalk/dispatcher";
import { requestAccessToken } from "@/lib/dingtalk/tokens";
import { Redacted } from "@/lib/redacted";
import {
  CORP,
  connectApp,
  makeOrganization,
  openDingtalk,
  syncNow,
  TEST_APP_KEY,
  toolsFor,
  treeOf,
  truthOf,
} from "@/lib/testing/directory-sync";
import { TEST_APP_SECRET } from "@/lib/testing/sync-tools";
import { processEvents } from "./process/process-events";
import { eventsOf } from "./receive/test-support/push";
import { recoverFailed } from "./recover/recover-failed";
import { sweepRecovery } from "./recover/schedule-recovery";
import { setUpSubscription } from "./subscription/set-up";
import { openCallbackServer } from "./test-support/callback-server";

const { signal } = new AbortController();

/** A synced app to which the simulated DingTalk pushes its events over HTTP. */
async function openSubscribed(owner: "app_key" | "corp_id" = "app_key") {
  const dingtalk = await openDingtalk(12);
  const { control } = dingtalk;
  const organization = await makeOrganization();
  const { organizationId, userId } = organization;
  const app = await connectApp(organization);
  const tools = toolsFor(dingtalk, { dingtalk: { timeoutMs: 60_000 } });
  await syncNow(organization, app, tools);
  await inOrganization(app, (tx) =>
    tx.dingtalkApp.updateMany({ where: { organizationId, id: app.appId }, data: { corpId: CORP } }),
  );
  const server = await openCallbackServer();
  const actor = grant({ organizationId, role: "admin", userId }, "app.change");
  const secrets = await setUpSubscription(actor, app.appId, { token: null, aesKey: null });
  const url = `${server.origin}${new URL(secrets.url.reveal()).pathname}`;
  const [token, aesKey] = [secrets.token.reveal(), secrets.aesKey.reveal()];
  const check = await control.subscribeEvents(TEST_APP_KEY, { url, token, aesKey, ownerKey: owner });
  expect(check).toEqual({ ok: true });
  const [first] = [...truthOf(dingtalk)].filter(([, { parentId }]) => parentId === 1).map(([id]) => id);
  if (!first) throw new Error("the simulated tree is too small");
  return {
    dingtalk,
    control,
    app,
    server,
    first,
    sync: () => syncNow(organization, app, tools),
    process: () =>
      processEvents(app, signal, {
        callsOf: (options) => tools.callsOf(app, () => {}, options),
        objectsMax: 500,
      }),
  };
}

/** Reads failed callbacks as the job does. */
async function recover(app: AppRef, url: string): Promise<boolean> {
  const dispatcher = createDispatcher({ connections: 1 });
  const limiter = { take: async () => {}, penalize: () => {} };
  const dingtalk = createDingtalk({ oapiUrl: url, apiUrl: url, dispatcher, limiter });
  const pair = { appKey: TEST_APP_KEY, appSecret: new Redacted(TEST_APP_SECRET) };
  const { token } = await requestAccessToken(dingtalk, pair);
  const caller = { appKey: TEST_APP_KEY, token: { current: async () => token, replace: async () => token } };
  try {
    return await recoverFailed(app, { dingtalk, callerOf: async () => caller }, signal);
  } finally {
    await dispatcher.close();
  }
}

const UNCHANGED = { added: 0, changed: 0, moved: 0, removed: 0, membersAdded: 0, membersRemoved: 0 };

describe("events over HTTP", () => {
  test.each(["app_key", "corp_id"] as const)(
    "changes at DingTalk reach the directory by events, with the owner key %s",
    async (owner) => {
      const { dingtalk, control, app, first, process, sync } = await openSubscribed(owner);
      control.changeDirectory(CORP, [
        { op: "rename_department", id: first, name: "改名" },
        { op: "add_department", parentId: first, id: 901, name: "新增" },
        { op: "add_person", name: "新人", userid: "arrives", departments: [901] },
        { op: "change_person", userid: "arrives", title: "经理" },
        { op: "add_person", name: "过客", userid: "passes", departments: [first] },
        { op: "remove_person", userid: "passes" },
      ]);
      await control.settleEvents();
      expect(control.listPushes().map(({ state }) => state)).toEqual(
        control.listPushes().map(() => "delivered"),
      );
      await process();
      expect(await treeOf(app)).toEqual(truthOf(dingtalk));
      expect(await sync()).toMatchObject({ state: "succeeded", ...UNCHANGED });
    },
  );

  test("repeated and reordered events lead to the same directory", async () => {
    const { dingtalk, control, app, process, sync } = await openSubscribed();
    control.setEventOptions(TEST_APP_KEY, { duplicates: 2, order: "shuffled", delivery: "buffered" });
    control.churn(CORP, { count: 40, seed: 3 });
    control.releaseEvents(TEST_APP_KEY);
    await control.settleEvents();
    await process();
    expect(await treeOf(app)).toEqual(truthOf(dingtalk));
    expect(await sync()).toMatchObject(UNCHANGED);
    const events = await eventsOf(app);
    expect(new Set(events.map(({ dedupeKey }) => dedupeKey)).size).toBe(events.length);
    expect(events.length).toBe(control.listPushes().length);
  });
});

describe("missed events", () => {
  const missedBy = async (app: AppRef) =>
    (
      await inOrganization(app, (tx) =>
        tx.syncRun.findMany({ where: app, orderBy: { number: "asc" }, select: { missedEvents: true } }),
      )
    ).map(({ missedEvents }) => missedEvents);

  test("a sync counts the changes that no event has announced since the previous one", async () => {
    const { control, app, first, sync } = await openSubscribed();
    control.changeDirectory(CORP, [{ op: "rename_department", id: first, name: "有事件" }]);
    await control.settleEvents();
    await sync();
    // Announced by an event that is not yet processed
    control.changeDirectory(CORP, [{ op: "rename_department", id: first, name: "又改名" }]);
    await control.settleEvents();
    control.setEventOptions(TEST_APP_KEY, { delivery: "dropped" });
    control.changeDirectory(CORP, [
      { op: "add_department", parentId: first, id: 901, name: "无事件" },
      { op: "add_person", name: "新人", userid: "arrives", departments: [901] },
    ]);
    await sync();
    await sync();

    // Before the first event there is nothing to compare with
    expect(await missedBy(app)).toEqual([null, null, 2, 0]);
  });
});

describe("failed callbacks", () => {
  test("events that could not be delivered are read from DingTalk's list and processed", async () => {
    const { dingtalk, control, app, server, first, process, sync } = await openSubscribed();
    server.setDown(true);
    control.setEventOptions(TEST_APP_KEY, { failedAfterMs: 0 });
    control.changeDirectory(CORP, [
      { op: "rename_department", id: first, name: "改名" },
      { op: "add_person", name: "新人", userid: "arrives", departments: [first] },
    ]);
    for (const seconds of [0, 10, 30]) {
      control.advanceClock(seconds * 1_000);
      await control.settleEvents();
    }
    expect(control.listFailedEvents(TEST_APP_KEY)).toHaveLength(2);
    expect(await eventsOf(app)).toEqual([]);
    expect(await recover(app, dingtalk.url)).toBe(true);
    expect(await eventsOf(app)).toMatchObject([
      { source: "failed_list", type: "org_dept_modify", state: "pending" },
      { source: "failed_list", type: "user_add_org", state: "pending" },
    ]);
    await process();
    expect(await sync()).toMatchObject(UNCHANGED);
    const { organizationId } = app;
    const [subscription] = await inOrganization(app, (tx) =>
      tx.eventSubscription.findMany({ where: { organizationId } }),
    );
    expect(subscription).toMatchObject({ failedReadAt: expect.any(Date), failedError: null });
  });

  test("all pages are read, and each is stored before the next one", async () => {
    const { dingtalk, control, app } = await openSubscribed();
    control.setEventOptions(TEST_APP_KEY, { delivery: "dropped", failedAfterMs: 0 });
    for (let index = 0; index < 401; index += 1) {
      control.pushEvent(TEST_APP_KEY, { eventType: "user_modify_org", data: { userId: [`user-${index}`] } });
    }
    control.addFault({
      path: "call_back/get_call_back_failed_result",
      afterCalls: 2,
      times: 1,
      fault: { kind: "errcode", errcode: 60011 },
    });
    expect(await recover(app, dingtalk.url)).toBe(true);
    expect(await eventsOf(app)).toHaveLength(400);
    await recover(app, dingtalk.url);
    expect(await eventsOf(app)).toHaveLength(401);
  });

  test("the reads begin when DingTalk checks the address, and a lost job is sent again", async () => {
    const { app } = await openSubscribed();
    const { organizationId, appId } = app;
    const jobs = () =>
      inOrganization(
        app,
        (tx) => tx.$queryRaw<object[]>`
          SELECT id FROM pgboss.job WHERE name = 'event.recover' AND data ->> 'appId' = ${appId} AND state = 'created'`,
      );
    expect(await jobs()).toHaveLength(1);
    expect(await sweepRecovery(organizationId)).toBe(0);
    await inOrganization(
      app,
      (tx) =>
        tx.$executeRaw`DELETE FROM pgboss.job WHERE name = 'event.recover' AND data ->> 'appId' = ${appId}`,
    );
    expect(await sweepRecovery(organizationId)).toBe(1);
    expect(await jobs()).toHaveLength(1);
  });
});
