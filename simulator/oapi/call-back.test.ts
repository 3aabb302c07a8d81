import { describe, expect, test } from "vitest";
import { DEFAULT_APP_KEY, DEFAULT_CORP_ID, DEFAULT_SUITE_KEY } from "../start-simulator";
import { openReceiver } from "../testing/callback-receiver";
import { type OpenSimulator, openSimulator } from "../testing/open-simulator";

const TAGS = ["org_dept_modify", "user_add_org"];

/** Calls an endpoint of the subscription API with the app's token. */
async function call(simulator: OpenSimulator, name: string, body?: Record<string, unknown>) {
  const path = `call_back/${name}?access_token=${await simulator.fetchToken()}`;
  if (!body) return simulator.read(path);
  const response = await simulator.sendJson(path, body);
  return response.json();
}

/** Starts a simulator and a receiver, and returns the receiver's body for `register_call_back`. */
async function openBoth(...[respond]: Parameters<typeof openReceiver>) {
  const [simulator, receiver] = [await openSimulator(), await openReceiver(respond)];
  const { url, token, aesKey } = receiver;
  return { simulator, receiver, body: { call_back_tag: TAGS, token, aes_key: aesKey, url } };
}

describe("the subscription API", () => {
  test("registers an address after check_url, with the CorpId as owner key, and pushes the registered types", async () => {
    const { simulator, receiver, body } = await openBoth();
    const answer = await call(simulator, "register_call_back", body);
    simulator.control.changeDirectory(DEFAULT_CORP_ID, [
      { op: "rename_department", id: 1, name: "新" },
      { op: "add_department", parentId: 1, name: "新" },
    ]);
    await simulator.control.settleEvents();

    expect(answer).toEqual({ errcode: 0, errmsg: "ok" });
    expect(receiver.received.map(({ payload, opened }) => [payload.EventType, opened.ownerKey])).toEqual([
      ["check_url", DEFAULT_CORP_ID],
      ["org_dept_modify", DEFAULT_CORP_ID],
    ]);
  });

  test("reads, replaces and deletes a registration", async () => {
    const { simulator, body } = await openBoth();
    await call(simulator, "register_call_back", body);
    const read = await call(simulator, "get_call_back");
    const updated = await call(simulator, "update_call_back", { ...body, call_back_tag: ["org_change"] });
    const readAgain = await call(simulator, "get_call_back");
    const deleted = await call(simulator, "delete_call_back");

    expect(read).toEqual({ errcode: 0, errmsg: "ok", ...body });
    expect([updated, deleted]).toMatchObject([{ errcode: 0 }, { errcode: 0 }]);
    expect(readAgain).toMatchObject({ call_back_tag: ["org_change"] });
    expect(await call(simulator, "get_call_back")).toMatchObject({ errcode: 71007 });
  });

  test("refuses a second registration with 71006, and changes without one with 71007", async () => {
    const { simulator, body } = await openBoth();
    expect(await call(simulator, "update_call_back", body)).toMatchObject({ errcode: 71007 });
    expect(await call(simulator, "delete_call_back")).toMatchObject({ errcode: 71007 });
    await call(simulator, "register_call_back", body);

    expect(await call(simulator, "register_call_back", body)).toMatchObject({ errcode: 71006 });
  });

  test.each([
    ["71010 without tags", { call_back_tag: [] }, 71010],
    ["71010 for a token of 5 characters", { token: "12345" }, 71010],
    ["71010 for a token of 65 characters", { token: "1".repeat(65) }, 71010],
    ["900004 for a key of 42 characters", { aes_key: "a".repeat(42) }, 900004],
    ["71008 for an unknown tag", { call_back_tag: ["org_dept_modify", "nonsense"] }, 71008],
    ["71011 for an address without a scheme", { url: "example.com/callback" }, 71011],
    ["71012 for an address where nothing listens", { url: "http://127.0.0.1:1/" }, 71012],
    ["71013 for a refused host", { url: "http://refused.example/" }, 71013],
  ])("refuses a registration with %s", async (_, change, errcode) => {
    const { simulator, body } = await openBoth();
    simulator.control.setSettings({ refusedCallbackHosts: ["refused.example"] });

    expect(await call(simulator, "register_call_back", { ...body, ...change })).toMatchObject({ errcode });
    expect(simulator.control.findSubscription(DEFAULT_APP_KEY)).toBeNull();
  });

  test.each([
    ["71009 for another text", { text: "ok" }, 71009],
    ["71009 for another owner key", { ownerKey: DEFAULT_APP_KEY }, 71009],
  ])("refuses a registration with %s in the reply", async (_, reply, errcode) => {
    const { simulator, body } = await openBoth((__, correct) => correct(reply));

    expect(await call(simulator, "register_call_back", body)).toMatchObject({ errcode });
  });

  test("refuses a registration with 71012 when the address answers with 403", async () => {
    const { simulator, body } = await openBoth(() => ({ status: 403, body: "" }));

    expect(await call(simulator, "register_call_back", body)).toMatchObject({ errcode: 71012 });
  });

  test("a third-party app registers with check_url, and its SuiteKey as owner key", async () => {
    const { simulator, receiver, body } = await openBoth();
    const { accessToken } = await simulator.api("v1.0/oauth2/corpAccessToken", {
      suiteKey: DEFAULT_SUITE_KEY,
      suiteSecret: simulator.control.listApps().find(({ kind }) => kind === "isv")?.appSecret,
      suiteTicket: simulator.control.listApps().find(({ kind }) => kind === "isv")?.suiteTicket,
      authCorpId: DEFAULT_CORP_ID,
    });
    await simulator.sendJson(`call_back/register_call_back?access_token=${accessToken}`, body);

    expect(receiver.received).toMatchObject([
      { payload: { EventType: "check_url" }, opened: { ownerKey: DEFAULT_SUITE_KEY } },
    ]);
  });
});

describe("failed callbacks", () => {
  /** Starts a simulator whose app gets no event, so that all of them are in the failed callbacks. */
  async function openDropping(count: number) {
    const simulator = await openSimulator();
    const { control } = simulator;
    for (let index = 0; index < count; index += 1) {
      control.pushEvent(DEFAULT_APP_KEY, {
        eventType: "org_dept_modify",
        data: { deptId: [index] },
        options: { delivery: "dropped" },
      });
    }
    return simulator;
  }

  test("have the documented shapes", async () => {
    const simulator = await openDropping(1);
    const drop = (eventType: string, data: Record<string, unknown>) =>
      simulator.control.pushEvent(DEFAULT_APP_KEY, { eventType, data, options: { delivery: "dropped" } });
    drop("user_leave_org", { userId: ["ann"] });
    drop("label_user_change", { userIdList: ["ann"], action: "add" });
    drop("org_change", {});
    const event = { event_time: simulator.control.now() };
    const corpid = DEFAULT_CORP_ID;

    expect(await call(simulator, "get_call_back_failed_result")).toEqual({
      errcode: 0,
      errmsg: "ok",
      has_more: false,
      failed_list: [
        { ...event, call_back_tag: "org_dept_modify", org_dept_modify: { deptid: [0], corpid } },
        { ...event, call_back_tag: "user_leave_org", user_leave_org: { userid: ["ann"], corpid } },
        {
          ...event,
          call_back_tag: "label_user_change",
          label_user_change: { roleLabelChange: { userIdList: ["ann"], action: "add" }, corpid },
        },
        { ...event, call_back_tag: "org_change", org_change: { callbackData: {}, corpid } },
      ],
    });
  });

  test("come 200 at a time, oldest first, and are removed once read", async () => {
    const simulator = await openDropping(201);
    const answers: { has_more: boolean; failed_list: { org_dept_modify: { deptid: number[] } }[] }[] = [];
    for (let page = 0; page < 3; page += 1) {
      answers.push(await call(simulator, "get_call_back_failed_result"));
    }

    expect(answers.map((answer) => [answer.has_more, answer.failed_list.length])).toEqual([
      [true, 200],
      [false, 1],
      [false, 0],
    ]);
    expect(answers[1]?.failed_list[0]?.org_dept_modify.deptid).toEqual([200]);
  });

  test("stay after they were read, with the setting for it", async () => {
    const simulator = await openDropping(1);
    simulator.control.setSettings({ failedCallbacks: "kept" });
    await call(simulator, "get_call_back_failed_result");

    expect(await call(simulator, "get_call_back_failed_result")).toMatchObject({
      failed_list: [{ call_back_tag: "org_dept_modify" }],
    });
  });

  test("an app reads its own events only, and those of the token's organization", async () => {
    const simulator = await openDropping(1);
    simulator.control.pushEvent(DEFAULT_APP_KEY, {
      eventType: "org_change",
      corpId: "dingother",
      options: { delivery: "dropped" },
    });
    simulator.control.addApp({ appKey: "b", appSecret: "s", corpId: DEFAULT_CORP_ID });
    const token = await simulator.fetchToken("b");
    const other = await simulator.read(`call_back/get_call_back_failed_result?access_token=${token}`);

    expect(other).toMatchObject({ failed_list: [] });
    const own = await call(simulator, "get_call_back_failed_result");
    expect(own).toMatchObject({ failed_list: [{ call_back_tag: "org_dept_modify" }] });
  });
});
