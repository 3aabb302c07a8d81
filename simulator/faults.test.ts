import { describe, expect, test } from "vitest";
import type { FaultRuleInput } from "./control";
import { DEFAULT_APP_KEY, DEFAULT_CORP_ID } from "./start-simulator";
import { type OpenSimulator, openSimulator } from "./testing/open-simulator";

const LISTSUB = "topapi/v2/department/listsub";
const SEARCH = "v1.0/contact/departments/search";
const WORD = { queryWord: "大区", offset: 0, size: 10 };

async function openWithFault(fault: FaultRuleInput["fault"]) {
  const simulator = await openSimulator();
  const token = await simulator.fetchToken();
  simulator.control.addFault({ path: LISTSUB, fault });
  return { ...simulator, ask: (init?: RequestInit) => fetchListsub(simulator, token, init) };
}

const fetchListsub = ({ url }: OpenSimulator, token: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`${url}/${LISTSUB}?access_token=${token}`, { method: "POST", redirect: "manual", ...init });

describe("throttles", () => {
  test("the 21st call of an app on one API within a second gets 88/90018, and other APIs are unaffected", async () => {
    const simulator = await openSimulator();
    const token = await simulator.fetchToken();
    const ask = async () => (await simulator.topapi("v2/department/listsub", {}, token)).sub_code;
    for (let call = 0; call < 20; call += 1) expect(await ask()).toBeUndefined();

    expect(await ask()).toBe("90018");
    expect(await simulator.topapi("v2/department/listsubid", { dept_id: 1 }, token)).toMatchObject({
      errcode: 0,
    });
    simulator.control.advanceClock(1_000);
    expect(await ask()).toBeUndefined();
  });

  test("the limit is plain 90018 on legacy paths, and a code with status 403 on the api host", async () => {
    const simulator = await openSimulator({ limits: { appApiPerSecond: 1 } });
    const token = await simulator.fetchToken();
    const headers = { "x-acs-dingtalk-access-token": token };
    await simulator.legacy("department/list", {}, token);
    await simulator.api(SEARCH, WORD, headers);

    expect(await simulator.legacy("department/list", {}, token)).toMatchObject({ errcode: 90018 });
    expect(await simulator.api(SEARCH, WORD, headers)).toMatchObject({
      status: 403,
      code: "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi",
    });
  });

  test("one app's limit does not affect another app, and an app may have its own limit", async () => {
    const simulator = await openSimulator({ limits: { appApiPerSecond: 1 } });
    simulator.control.addApp({ appKey: "b", appSecret: "sb", corpId: DEFAULT_CORP_ID, qps: 2 });
    const ask = async (appKey: string) =>
      (await simulator.legacy("auth/scopes", {}, await simulator.fetchToken(appKey))).errcode;

    expect([await ask(DEFAULT_APP_KEY), await ask(DEFAULT_APP_KEY)]).toEqual([0, 90018]);
    expect([await ask("b"), await ask("b"), await ask("b")]).toEqual([0, 0, 90018]);
  });

  test("an address that calls too often is banned for five minutes, without an errcode", async () => {
    const { read, control } = await openSimulator({ limits: { ipPer20Seconds: 2 } });
    const ask = () => read("gettoken");
    await ask();
    await ask();

    expect(await ask()).toMatchObject({ status: 1111, wait: 5, punish: "deny" });
    control.advanceClock(299_000);
    expect(await ask()).toMatchObject({ status: 1111 });
    control.advanceClock(1_000);
    expect(await ask()).toMatchObject({ errcode: 40035 });
  });

  test("the monthly quota is 90020, and reads of the directory are exempt as documented", async () => {
    const simulator = await openSimulator({ limits: { monthlyCalls: 1 } });
    const ask = async () => (await simulator.legacy("auth/scopes")).errcode;

    expect([await ask(), await ask()]).toEqual([0, 0]);
    simulator.control.setLimits({ monthlyCallsExempt: "none" });
    expect([await ask(), await ask()]).toEqual([0, 90020]);
  });
});

describe("fault rules", () => {
  test("afterCalls lets some calls pass first, and times limits the number of faults", async () => {
    const simulator = await openSimulator();
    simulator.control.addFault({
      path: "/gettoken",
      afterCalls: 1,
      times: 2,
      fault: { kind: "errcode", errcode: -1 },
    });
    const codes = [];
    for (let call = 0; call < 4; call += 1) codes.push((await simulator.read("gettoken")).errcode);

    expect(codes).toEqual([40035, -1, -1, 40035]);
  });

  test("a rule may apply to one app, one organization, or all paths with the same beginning", async () => {
    const simulator = await openSimulator();
    simulator.control.addApp({ appKey: "b", appSecret: "sb", corpId: DEFAULT_CORP_ID });
    const tokens = { a: await simulator.fetchToken(), b: await simulator.fetchToken("b") };
    const ask = async (token: string) => (await simulator.topapi("v2/department/listsub", {}, token)).errcode;
    const fault = { kind: "errcode", errcode: 15 } as const;

    const id = simulator.control.addFault({ path: "topapi/*", appKey: "b", fault });
    expect([await ask(tokens.a), await ask(tokens.b)]).toEqual([0, 15]);
    simulator.control.removeFault(id);
    simulator.control.addFault({ corpId: DEFAULT_CORP_ID, fault });
    expect([await ask(tokens.a), (await simulator.read("gettoken")).errcode]).toEqual([15, 40035]);
  });

  test("a rule may apply to one department or person, and to the second call about it", async () => {
    const simulator = await openSimulator();
    const { control, topapi, legacy } = simulator;
    const [first, second] = control.listDepartments(DEFAULT_CORP_ID).map(({ id }) => id);
    const fault = { kind: "errcode", errcode: 60019 } as const;
    control.addFault({ path: "topapi/v2/user/list", deptId: second ?? 0, afterCalls: 1, times: 1, fault });
    control.addFault({ userid: "manager0001", fault });
    const list = async (id?: number) =>
      (await topapi("v2/user/list", { dept_id: id, cursor: 0, size: 1 })).errcode;

    expect([await list(first), await list(second), await list(first)]).toEqual([0, 0, 0]);
    expect([await list(second), await list(second)]).toEqual([60019, 0]);
    expect(await topapi("v2/user/get", { userid: "manager0001" })).toMatchObject({ errcode: 60019 });
    control.addFault({ path: "department/list", deptId: second ?? 0, fault });
    expect(await legacy("department/list", { id: String(second) })).toMatchObject({ errcode: 60019 });
    expect(await legacy("department/list", { id: "1" })).toMatchObject({ errcode: 0 });
  });

  test("a scope can shrink during a sync", async () => {
    const { control, topapi, legacy } = await openSimulator();
    control.addFault({
      path: "topapi/v2/department/listsub",
      afterCalls: 1,
      times: 1,
      fault: { kind: "change_app", appKey: DEFAULT_APP_KEY, patch: { scope: { departments: [] } } },
    });
    const ask = async () => (await topapi("v2/department/listsub")).errcode;

    expect([await ask(), await ask()]).toEqual([0, 50004]);
    expect(await legacy("auth/scopes")).toMatchObject({ auth_org_scopes: { authed_dept: [] } });
  });

  test("a fault changes neither the directory nor the throttle", async () => {
    const simulator = await openSimulator({ limits: { appApiPerSecond: 1 } });
    const token = await simulator.fetchToken();
    simulator.control.addFault({ path: LISTSUB, times: 1, fault: { kind: "status", status: 500 } });
    await fetchListsub(simulator, token);

    expect(await simulator.topapi("v2/department/listsub", {}, token)).toMatchObject({ errcode: 0 });
  });
});

describe("faults that replace the answer", () => {
  test("errcode answers with the code and a sub_code", async () => {
    const { ask } = await openWithFault({ kind: "errcode", errcode: 88, subCode: "90018", errmsg: "慢一点" });

    expect(await (await ask()).json()).toMatchObject({ errcode: 88, sub_code: "90018", sub_msg: "慢一点" });
  });

  test("status answers with the status and a code of the api host", async () => {
    const { ask } = await openWithFault({ kind: "status", status: 503, code: "system.busy" });
    const response = await ask();

    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ code: "system.busy", requestid: expect.any(String) });
  });

  test.each([
    ["ban_page", 200, "text/html", "<!DOCTYPE html>"],
    ["ban_body", 200, "application/json", '{"status":1111,"wait":5'],
    ["malformed_json", 200, "application/json", '{"errcode":0'],
    ["gateway_timeout", 504, "text/html", "<html>"],
    ["deep_json", 200, "application/json", "[[[["],
  ] as const)("%s answers with HTTP %i of %s", async (kind, status, contentType, start) => {
    const { ask } = await openWithFault({ kind });
    const response = await ask();

    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toContain(contentType);
    expect((await response.text()).startsWith(start)).toBe(true);
  });

  test("redirect and body answer as configured", async () => {
    const redirected = await openWithFault({ kind: "redirect", location: "http://169.254.169.254/" });
    const odd = await openWithFault({ kind: "body", body: "null", status: 201 });
    const response = await redirected.ask();

    expect([response.status, response.headers.get("location")]).toEqual([302, "http://169.254.169.254/"]);
    expect(await (await odd.ask()).text()).toBe("null");
  });

  test("empty answers with success and without data", async () => {
    const { control, topapi, legacy } = await openSimulator();
    control.addFault({ fault: { kind: "empty" } });
    const ask = (path: string) => topapi(path, { dept_id: 1, cursor: 0, size: 1 }, "t");

    expect(await ask("v2/department/listsub")).toMatchObject({ errcode: 0, result: [] });
    expect(await ask("v2/department/listsubid")).toMatchObject({ result: { dept_id_list: [] } });
    expect(await ask("v2/user/list")).toMatchObject({ result: { has_more: false, list: [] } });
    expect(await ask("user/listid")).toMatchObject({ result: { userid_list: [] } });
    expect(await ask("user/count")).toMatchObject({ result: { count: 0 } });
    expect(await legacy("department/list", {}, "t")).toMatchObject({ errcode: 0, department: [] });
    expect(await legacy("auth/scopes", {}, "t")).toMatchObject({
      errcode: 0,
      auth_org_scopes: { authed_user: [], authed_dept: [] },
    });
  });

  test("latency delays the answer without changing it", async () => {
    const { ask } = await openWithFault({ kind: "latency", latencyMs: 40 });
    const askedAt = performance.now();

    expect(await (await ask()).json()).toMatchObject({ errcode: 0 });
    expect(performance.now() - askedAt).toBeGreaterThanOrEqual(35);
  });
});

describe("faults of the connection", () => {
  test("reset closes the connection without an answer", async () => {
    const { ask } = await openWithFault({ kind: "reset" });

    await expect(ask()).rejects.toThrow();
  });

  test("truncated ends the body of an answer early", async () => {
    const { ask } = await openWithFault({ kind: "truncated" });
    const response = await ask();

    await expect(response.text()).rejects.toThrow();
  });

  test("hang never answers, and counts as pending while the client waits", async () => {
    const { ask, control } = await openWithFault({ kind: "hang" });
    const caller = new AbortController();
    const asked = ask({ signal: caller.signal });
    await expect.poll(() => control.readCalls({ path: LISTSUB }).byOutcome).toEqual({ "(pending)": 1 });
    caller.abort();

    await expect(asked).rejects.toThrow();
    await expect.poll(() => control.readCalls({ path: LISTSUB }).byOutcome).toEqual({ "fault:hang": 1 });
  });

  test("endless continues until the client disconnects", async () => {
    const { ask, control } = await openWithFault({ kind: "endless" });
    const response = await ask();
    let bytes = 0;
    for await (const chunk of response.body ?? []) {
      bytes += chunk.length;
      if (bytes > 1_000_000) break;
    }

    expect(bytes).toBeGreaterThan(1_000_000);
    await expect.poll(() => control.readCalls({ path: LISTSUB }).byOutcome).toEqual({ "fault:endless": 1 });
  });

  test("gzip_bomb unpacks to a thousand times its size", async () => {
    const { ask } = await openWithFault({ kind: "gzip_bomb", mebibytes: 3 });
    const response = await ask();

    expect(response.headers.get("content-encoding")).toBe("gzip");
    expect((await response.arrayBuffer()).byteLength).toBe(3 * 1_024 * 1_024);
  });

  test("a simulator closes at once while a call hangs", async () => {
    const { ask, close } = await openWithFault({ kind: "hang" });
    const asked = ask().catch((error: unknown) => error);
    await close();

    expect(await asked).toBeInstanceOf(Error);
  });
});
