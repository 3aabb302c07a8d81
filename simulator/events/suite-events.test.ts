import { describe, expect, test } from "vitest";
import { DEFAULT_CORP_ID, DEFAULT_SUITE_KEY, DEFAULT_SUITE_SECRET } from "../start-simulator";
import { openReceiver, type ReceivedPush } from "../testing/callback-receiver";
import { openSimulator } from "../testing/open-simulator";

const HOUR_MS = 3_600_000;

/** Starts a simulator, and a receiver that the default third-party app subscribes. */
async function openSuite(mode: "events" | "sync_http") {
  const [simulator, receiver] = [await openSimulator(), await openReceiver()];
  const { control } = simulator;
  const { url, token, aesKey } = receiver;
  expect(await control.subscribeEvents(DEFAULT_SUITE_KEY, { url, token, aesKey, mode })).toEqual({
    ok: true,
  });
  receiver.received.length = 0;
  return {
    simulator,
    control,
    receiver,
  };
}

type Row = { biz_type: number; biz_id: string; biz_data: string; corp_id: string } & Record<string, unknown>;

/** Returns the rows of a SyncHTTP push, with their parsed data. */
const rowsOf = (push?: ReceivedPush) =>
  ((push?.payload.bizData ?? []) as Row[]).map((row) => ({
    ...row,
    data: JSON.parse(row.biz_data) as Record<string, unknown>,
  }));

describe("suite tickets", () => {
  test("a new ticket is pushed, and is the only valid one", async () => {
    const { simulator, control, receiver } = await openSuite("events");
    control.pushSuiteTicket(DEFAULT_SUITE_KEY, "new-ticket");
    await control.settleEvents();
    const ask = (suiteTicket: string) =>
      simulator.api("v1.0/oauth2/corpAccessToken", {
        suiteKey: DEFAULT_SUITE_KEY,
        suiteSecret: DEFAULT_SUITE_SECRET,
        suiteTicket,
        authCorpId: DEFAULT_CORP_ID,
      });

    expect(receiver.received[0]?.payload).toEqual({
      EventType: "suite_ticket",
      SuiteKey: "suitesimulatedkey00",
      SuiteTicket: "new-ticket",
      TimeStamp: String(control.now()),
    });
    expect((await ask("new-ticket")).status).toBe(200);
    expect((await ask("simulated-suite-ticket-for-tests-only")).status).toBe(400);
  });

  test("without a subscription nothing is pushed, and the interval keeps the ticket", async () => {
    const { control } = await openSimulator();
    control.repeatSuiteTickets(DEFAULT_SUITE_KEY, HOUR_MS);
    control.advanceClock(HOUR_MS);

    expect(control.pushSuiteTicket(DEFAULT_SUITE_KEY, "t")).toBeNull();
    control.advanceClock(HOUR_MS);
    expect(control.listApps().find(({ kind }) => kind === "isv")?.suiteTicket).toBe("t");
  });

  test("an interval pushes another ticket each time, until it ends", async () => {
    const { simulator, control, receiver } = await openSuite("events");
    await simulator.controlHttp("PUT", `apps/${DEFAULT_SUITE_KEY}/suite-tickets`, { everyMs: 5 * HOUR_MS });
    await control.passTime(5 * HOUR_MS - 1);
    expect(receiver.received).toEqual([]);
    await control.passTime(1);
    await control.passTime(5 * HOUR_MS);
    control.repeatSuiteTickets(DEFAULT_SUITE_KEY, null);
    await control.passTime(5 * HOUR_MS);

    expect(new Set(receiver.received.map(({ payload }) => payload.SuiteTicket)).size).toBe(2);
    expect(receiver.received).toHaveLength(2);
  });

  test("an unacknowledged ticket is sent 100 times", async () => {
    const { control, receiver } = await openSuite("events");
    receiver.respondWith(() => ({ status: 500, body: "" }));
    control.pushSuiteTicket(DEFAULT_SUITE_KEY);
    await control.passTime(HOUR_MS);

    expect(receiver.received).toHaveLength(100);
  });

  test("an internal app has none", async () => {
    const { control } = await openSimulator();
    expect(() => control.pushSuiteTicket("dingsimulatedappkey0")).toThrow("not a third-party app");
  });
});

describe("events of a third-party app", () => {
  test("a withdrawn and a new authorization, and a stopped app are pushed", async () => {
    const { control, receiver } = await openSuite("events");
    control.setEventOptions(DEFAULT_SUITE_KEY, { concurrency: 1 });
    control.changeApp(DEFAULT_SUITE_KEY, { customers: ["dingother"] });
    control.changeApp(DEFAULT_SUITE_KEY, { disabled: true });
    control.changeApp(DEFAULT_SUITE_KEY, { authorized: false });
    await control.settleEvents();

    expect(receiver.received.map(({ payload }) => [payload.EventType, payload.AuthCorpId])).toEqual([
      ["tmp_auth_code", "dingother"],
      ["org_micro_app_stop", DEFAULT_CORP_ID],
      ["org_micro_app_stop", "dingother"],
      ["suite_relieve", DEFAULT_CORP_ID],
      ["suite_relieve", "dingother"],
    ]);
  });

  test("it gets the directory events of its customers", async () => {
    const { control, receiver } = await openSuite("events");
    control.addOrganization({ corpId: "dingother", size: 0 });
    control.changeApp(DEFAULT_SUITE_KEY, { customers: ["dingother"] });
    control.changeDirectory("dingother", [{ op: "rename_department", id: 1, name: "新" }]);
    await control.settleEvents();

    expect(receiver.received.at(-1)?.payload).toMatchObject({
      EventType: "org_dept_modify",
      CorpId: "dingother",
    });
  });

  test("a dissolved organization is announced", async () => {
    const { control, receiver } = await openSuite("events");
    control.setOrganization(DEFAULT_CORP_ID, { status: "dissolved" });
    await control.settleEvents();

    expect(receiver.received[0]?.payload).toMatchObject({ EventType: "org_remove", CorpId: DEFAULT_CORP_ID });
  });
});

describe("SyncHTTP", () => {
  test("SyncHTTP is refused for an internal app", async () => {
    const { control } = await openSimulator();
    const { url, token, aesKey } = await openReceiver();
    const subscribing = control.subscribeEvents("dingsimulatedappkey0", {
      url,
      token,
      aesKey,
      mode: "sync_http",
    });

    await expect(subscribing).rejects.toThrow("SyncHTTP is for third-party apps");
  });

  test("the address check has a deadline of 1.2 seconds", async () => {
    const { control } = await openSimulator();
    const { url, token, aesKey, received } = await openReceiver(() => null);
    const checking = control.subscribeEvents(DEFAULT_SUITE_KEY, { url, token, aesKey, mode: "sync_http" });
    await expect.poll(() => received.length).toBe(1);
    control.advanceClock(1_200);

    expect(await checking).toMatchObject({ reason: "timeout", detail: "no reply within 1200 ms" });
  });

  test("a ticket, an authorization and a stopped app have a high priority and the types 2, 4 and 7", async () => {
    const { control, receiver } = await openSuite("sync_http");
    control.setEventOptions(DEFAULT_SUITE_KEY, { concurrency: 1 });
    control.pushSuiteTicket(DEFAULT_SUITE_KEY, "new-ticket");
    control.changeApp(DEFAULT_SUITE_KEY, { disabled: true });
    control.changeApp(DEFAULT_SUITE_KEY, { disabled: false, authorized: false });
    await control.settleEvents();

    const high = "SYNC_HTTP_PUSH_HIGH";
    expect(receiver.received.map(({ payload }) => payload.EventType)).toEqual([high, high, high]);
    expect(receiver.received.flatMap(rowsOf)).toMatchObject([
      { biz_type: 2, data: { syncAction: "suite_ticket", suiteTicket: "new-ticket" } },
      { biz_type: 7, data: { syncAction: "org_micro_app_stop" } },
      { biz_type: 4, corp_id: DEFAULT_CORP_ID, data: { syncAction: "org_suite_relieve" } },
    ]);
    expect(receiver.received[0]?.payload.bizData).toEqual([
      {
        gmt_create: control.now(),
        gmt_modified: control.now(),
        biz_type: 2,
        open_cursor: 1,
        subscribe_id: "suitesimulatedkey00_0",
        id: 1,
        biz_id: "suitesimulatedkey00",
        biz_data: expect.any(String),
        corp_id: DEFAULT_CORP_ID,
        status: 0,
      },
    ]);
  });

  test("a member has type 13, legacy names and lists that are no JSON, and a removed one only its action", async () => {
    const { control, receiver } = await openSuite("sync_http");
    control.setEventOptions(DEFAULT_SUITE_KEY, { concurrency: 1 });
    control.changeDirectory(DEFAULT_CORP_ID, [
      { op: "add_person", userid: "ann", name: "安", departments: [1], orders: { 1: "176318668975061512" } },
      { op: "remove_person", userid: "ann" },
    ]);
    await control.settleEvents();

    expect(receiver.received.map(({ payload }) => payload.EventType)).toEqual([
      "SYNC_HTTP_PUSH_MEDIUM",
      "SYNC_HTTP_PUSH_MEDIUM",
    ]);
    const [, removed] = receiver.received.flatMap(rowsOf);
    expect(removed).toMatchObject({ biz_type: 13, biz_id: "ann" });
    expect(removed?.data).toEqual({ syncAction: "user_leave_org", syncSeq: expect.any(String) });
  });

  test("a member's state has all departments and orders", async () => {
    const { control, receiver } = await openSuite("sync_http");
    control.changeDirectory(DEFAULT_CORP_ID, [
      { op: "add_person", userid: "ann", name: "安", departments: [1], orders: { 1: "176318668975061512" } },
    ]);
    await control.settleEvents();

    expect(rowsOf(receiver.received[0])).toMatchObject([
      {
        biz_type: 13,
        biz_id: "ann",
        data: {
          syncAction: "user_add_org",
          userid: "ann",
          name: "安",
          department: [1],
          isLeaderInDepts: "{1:false}",
          orderInDepts: "{1:176318668975061512}",
        },
      },
    ]);
  });

  test("a department has type 14, and an organization type 16", async () => {
    const { control, receiver } = await openSuite("sync_http");
    control.setEventOptions(DEFAULT_SUITE_KEY, { concurrency: 1 });
    const [id] = control.changeDirectory(DEFAULT_CORP_ID, [
      { op: "add_department", parentId: 1, name: "新" },
    ]);
    control.changeDirectory(DEFAULT_CORP_ID, [{ op: "remove_department", id: Number(id) }]);
    control.pushEvent(DEFAULT_SUITE_KEY, { eventType: "org_change" });
    await control.settleEvents();

    const rows = receiver.received.flatMap(rowsOf);
    expect(rows).toMatchObject([
      {
        biz_type: 14,
        biz_id: String(id),
        data: {
          syncAction: "org_dept_create",
          id,
          parentid: 1,
          name: "新",
          userPerimits: "",
          deptPerimits: "",
        },
      },
      { biz_type: 14, biz_id: String(id) },
      { biz_type: 16, biz_id: DEFAULT_CORP_ID, data: { syncAction: "org_update" } },
    ]);
    expect(rows[1]?.data).toEqual({ syncAction: "org_dept_remove", syncSeq: expect.any(String) });
  });

  test("a lost change is neither repeated nor in the failed list, unlike a ticket", async () => {
    const { control, receiver } = await openSuite("sync_http");
    receiver.respondWith(() => ({ status: 500, body: "" }));
    control.changeDirectory(DEFAULT_CORP_ID, [{ op: "rename_department", id: 1, name: "新" }]);
    control.pushSuiteTicket(DEFAULT_SUITE_KEY);
    await control.passTime(HOUR_MS);

    const types = receiver.received.flatMap(rowsOf).map((row) => row.biz_type);
    expect(types.filter((type) => type === 14)).toHaveLength(1);
    expect(types.filter((type) => type === 2).length).toBe(100);
    expect(control.listFailedEvents(DEFAULT_SUITE_KEY)).toEqual([]);
  });

  test("an event without a type is refused", async () => {
    const { control } = await openSuite("sync_http");
    expect(() => control.pushEvent(DEFAULT_SUITE_KEY, { eventType: "label_conf_add" })).toThrow(
      "SyncHTTP has no label_conf_add",
    );
  });
});
