import { describe, expect, test } from "vitest";
import type { AppRef } from "@/lib/app-ref";
import { inOrganization, inOrganizationSql } from "@/lib/db/unit-of-work";
import { readEvent } from "@/lib/dingtalk/read-event";
import {
  CORP,
  connectApp,
  makeOrganization,
  openDingtalk,
  readDepartments,
  syncNow,
  toolsFor,
  truthOf,
} from "@/lib/testing/directory-sync";
import type { DirectoryChange } from "@/simulator/control-input";
import { storeEvents } from "../receive/store-events";
import { processEvents } from "./process-events";

async function openSynced() {
  const dingtalk = await openDingtalk(12);
  const organization = await makeOrganization();
  const app = await connectApp(organization);
  const tools = toolsFor(dingtalk, { dingtalk: { timeoutMs: 60_000 } });
  await syncNow(organization, app, tools);
  dingtalk.control.clearCalls();
  const [first] = [...truthOf(dingtalk)].filter(([, { parentId }]) => parentId === 1).map(([id]) => id);
  if (!first) throw new Error("the simulated tree is too small");
  return {
    dingtalk,
    app,
    first,
    change: (...changes: DirectoryChange[]) => dingtalk.control.changeDirectory(CORP, changes),
    process: () =>
      processEvents(app, new AbortController().signal, {
        callsOf: (options) => tools.callsOf(app, () => {}, options),
        objectsMax: 500,
      }),
  };
}

let sent = 0;

/** Stores events as if DingTalk had pushed them. */
const receive = (app: AppRef, ...payloads: readonly object[]) =>
  inOrganizationSql(app, async (client) => {
    const events = payloads.map((payload) => {
      const read = readEvent(JSON.stringify({ CorpId: CORP, eventId: `event-${++sent}`, ...payload }));
      if (!read.ok) throw new Error("the event is malformed");
      return { event: read.value, appId: app.appId, isLate: false };
    });
    await storeEvents(client, { ...app, subscriptionId: app.appId }, { events, source: "http" });
  });

const eventsOf = ({ organizationId }: AppRef) =>
  inOrganization({ organizationId }, (tx) =>
    tx.dingtalkEvent.findMany({ where: { organizationId }, orderBy: { id: "asc" } }),
  );

const runsOf = ({ organizationId }: AppRef) =>
  inOrganization({ organizationId }, (tx) =>
    tx.syncRun.findMany({ where: { organizationId, trigger: "event" }, orderBy: { number: "asc" } }),
  );

describe("pending events", () => {
  test("several events of one object cause one re-read, and all refer to its changes", async () => {
    const { app, dingtalk, first, change, process } = await openSynced();
    change({ op: "rename_department", id: first, name: "改名" });
    const modified = { EventType: "org_dept_modify", deptId: [first] };
    await receive(app, modified, modified, modified);
    expect(await process()).toBe("done");
    expect((await readDepartments(app)).get(first)?.name).toBe("改名");
    expect(dingtalk.control.readCalls({ path: "topapi/*" }).total).toBe(1);
    const events = await eventsOf(app);
    expect(events.map(({ state }) => state)).toEqual(["handled", "handled", "handled"]);
    expect(events[0]?.handledAt).toBeInstanceOf(Date);
    expect(new Set(events.map(({ changeSetId }) => changeSetId)).size).toBe(1);
    expect(events[0]?.changeSetId).toEqual(expect.any(String));
  });

  test("events in the wrong order lead to DingTalk's present state", async () => {
    const { app, first, change, process } = await openSynced();
    change({ op: "add_person", name: "甲", userid: "returning-person", departments: [first] });
    await receive(
      app,
      { EventType: "user_leave_org", userId: ["returning-person"] },
      { EventType: "user_add_org", userId: ["returning-person"] },
      { EventType: "org_dept_remove", deptId: [first] },
    );
    await process();
    expect((await readDepartments(app)).get(first)?.removedAt).toBeNull();
    const { organizationId } = app;
    const member = await inOrganization(app, (tx) =>
      tx.member.findFirst({ where: { organizationId, userId: "returning-person" } }),
    );
    expect(member).toMatchObject({ removedAt: null, name: "甲" });
  });

  test("label events and events without a connected app are only stored", async () => {
    const { app, process, dingtalk } = await openSynced();
    await receive(app, { EventType: "label_user_change", userIdList: ["a"], labelIdList: [1] });
    expect(await process()).toBe("done");
    expect(await eventsOf(app)).toMatchObject([{ state: "stored", handledAt: null }]);
    expect(dingtalk.control.readCalls({ path: "topapi/*" }).total).toBe(0);
  });
});

describe("events that need a sync", () => {
  test("a change of the organization starts a sync and counts as handled by it", async () => {
    const { app, process } = await openSynced();
    await receive(app, { EventType: "org_change" });
    expect(await process()).toBe("done");
    const [run] = await runsOf(app);
    expect(run).toMatchObject({ state: "queued", mode: "full" });
    expect(await eventsOf(app)).toMatchObject([{ state: "handled", changeSetId: run?.id }]);
  });

  test("events wait while a sync runs that may have read the directory before them", async () => {
    const { app, process } = await openSynced();
    await receive(app, { EventType: "org_change" });
    await process();
    await receive(app, { EventType: "org_change" });
    expect(await process()).toBe("later");
    expect(await runsOf(app)).toHaveLength(1);
    expect((await eventsOf(app)).map(({ state }) => state)).toEqual(["handled", "pending"]);
  });
});

describe("failures", () => {
  const modified = (id: number) => ({ EventType: "org_dept_modify", deptId: [id] });

  test("a fault that passes leaves the events pending for the next attempt", async () => {
    const { app, dingtalk, first, process } = await openSynced();
    dingtalk.control.addFault({ path: "topapi/*", times: 20, fault: { kind: "gateway_timeout" } });
    await receive(app, modified(first));
    await expect(process()).rejects.toThrow();
    expect(await eventsOf(app)).toMatchObject([{ state: "pending" }]);
    dingtalk.control.clearFaults();
    expect(await process()).toBe("done");
    expect(await eventsOf(app)).toMatchObject([{ state: "handled", changeSetId: null, error: null }]);
  });

  test("a missing permission marks the events as failed with DingTalk's answer", async () => {
    const { app, dingtalk, first, process } = await openSynced();
    dingtalk.control.addFault({
      path: "topapi/*",
      fault: { kind: "errcode", errcode: 88, subCode: "60011", subMsg: "没有调用该接口的权限" },
    });
    await receive(app, modified(first));
    expect(await process()).toBe("done");
    expect(await eventsOf(app)).toMatchObject([
      { state: "failed", error: { kind: "missing_permission", code: "88", subCode: "60011" } },
    ]);
  });

  test("events of a deleted app end the job without an error", async () => {
    const { app, first, process } = await openSynced();
    await receive(app, modified(first));
    const { organizationId, appId } = app;
    await inOrganization(app, (tx) => tx.dingtalkApp.deleteMany({ where: { organizationId, id: appId } }));
    expect(await process()).toBe("stopped");
    expect(await eventsOf(app)).toMatchObject([{ state: "pending" }]);
  });

  test("events of a disabled app stay pending without a further attempt", async () => {
    const { app, process } = await openSynced();
    const { organizationId, appId } = app;
    await inOrganization(app, (tx) =>
      tx.dingtalkApp.updateMany({ where: { organizationId, id: appId }, data: { state: "disabled" } }),
    );
    await receive(app, { EventType: "org_change" });
    expect(await process()).toBe("stopped");
    expect(await eventsOf(app)).toMatchObject([{ state: "pending" }]);
  });
});
