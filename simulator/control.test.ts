import { describe, expect, test } from "vitest";
import { DEFAULT_APP_KEY, DEFAULT_APP_SECRET, DEFAULT_CORP_ID } from "./start-simulator";
import { type OpenSimulator, openSimulator } from "./testing/open-simulator";

const listNames = async ({ topapi }: OpenSimulator, id = 1): Promise<string[]> =>
  (await topapi("v2/department/listsub", { dept_id: id })).result.map(({ name }) => name);

/** Starts a simulator with an empty organization. */
const openEmpty = () => openSimulator({ organizations: [{ corpId: DEFAULT_CORP_ID, size: 0 }] });

describe("reset and churn", () => {
  test("reset restores the initial state, and invalidates all tokens", async () => {
    const simulator = await openSimulator({ settings: { lifetimeField: "zero" } });
    const { control } = simulator;
    const token = await simulator.fetchToken();
    const before = [control.listOrganizations(), control.listApps(), control.readSettings()];
    control.addOrganization({ corpId: "dingx" });
    control.changeApp(DEFAULT_APP_KEY, { disabled: true });
    control.setSettings({ lifetimeField: "normal" });
    control.addFault({ fault: { kind: "reset" } });
    await simulator.controlHttp("POST", "reset");

    expect([control.listOrganizations(), control.listApps(), control.readSettings()]).toEqual(before);
    expect([control.listFaults(), control.readCalls().total]).toEqual([[], 0]);
    expect(await simulator.legacy("auth/scopes", {}, token)).toMatchObject({ errcode: 40014 });
  });

  test("churn makes the requested number of changes, equal for equal seeds, and keeps the data consistent", async () => {
    const simulator = await openSimulator({ organizations: [{ corpId: DEFAULT_CORP_ID, size: 300 }] });
    const { control } = simulator;
    const made = control.churn(DEFAULT_CORP_ID, { count: 400, seed: 3 });
    const departments = control.listDepartments(DEFAULT_CORP_ID);
    control.resetOrganization(DEFAULT_CORP_ID);

    expect(made).toHaveLength(400);
    expect(new Set(made.map(({ op }) => op)).size).toBeGreaterThanOrEqual(7);
    const ids = new Set(departments.map(({ id }) => id));
    expect(departments.filter(({ parentId }) => parentId !== null && !ids.has(parentId))).toEqual([]);
    expect(control.churn(DEFAULT_CORP_ID, { count: 400, seed: 3 })).toEqual(made);
    expect(control.listDepartments(DEFAULT_CORP_ID)).toEqual(departments);
    const people = departments.flatMap(({ id }) => control.listMembers(DEFAULT_CORP_ID, id));
    expect(people.flatMap(({ memberships }) => memberships).filter(({ deptId }) => !ids.has(deptId))).toEqual(
      [],
    );
    expect(new Set(people.map(({ userid }) => userid)).size).toBe(
      control.getOrganization(DEFAULT_CORP_ID).people,
    );
  });
});

describe("the control over HTTP", () => {
  test("adds an organization and an app that work at once", async () => {
    const { controlHttp, read } = await openSimulator({ organizations: [], apps: [] });
    const made = await controlHttp("POST", "organizations", {
      corpId: "dingx",
      size: 40,
      seed: 5,
      name: "新集团",
    });
    await controlHttp("POST", "apps", {
      appKey: "k",
      appSecret: "s",
      corpId: "dingx",
      scope: { departments: [1], users: [] },
    });

    expect(made).toMatchObject({ status: 200, body: { corpId: "dingx", departments: 41, name: "新集团" } });
    expect(await read("gettoken?appkey=k&appsecret=s")).toMatchObject({ errcode: 0 });
  });

  test("changes the tree, with orders beyond 2^53 as text", async () => {
    const simulator = await openEmpty();
    const { body } = await simulator.controlHttp("POST", `organizations/${DEFAULT_CORP_ID}/changes`, {
      changes: [{ op: "add_department", parentId: 1, name: "甲", order: "176318668975061512" }],
    });
    const added = simulator.control.listDepartments(DEFAULT_CORP_ID).find(({ id }) => id === body.results[0]);

    expect(added?.order).toBe(176318668975061512n);
  });

  test("changes nothing if one of several changes is invalid", async () => {
    const simulator = await openEmpty();
    const { status } = await simulator.controlHttp("POST", `organizations/${DEFAULT_CORP_ID}/changes`, {
      changes: [{ op: "add_department", parentId: 1, name: "甲" }, { op: "nonsense" }],
    });

    expect(status).toBe(400);
    expect(await listNames(simulator)).toEqual([]);
  });

  test("changes an app, sets limits, settings and faults, and advances the clock", async () => {
    const simulator = await openSimulator();
    const { controlHttp, control } = simulator;
    await controlHttp("PATCH", `apps/${DEFAULT_APP_KEY}`, { disabled: true });
    await controlHttp("PATCH", "limits", { appApiPerSecond: 3 });
    await controlHttp("PATCH", "settings", { repeatedFetch: "new" });
    const fault = await controlHttp("POST", "faults", { path: "gettoken", fault: { kind: "reset" } });
    const before = control.now();
    const clock = await controlHttp("POST", "clock", { ms: 5_000 });

    expect(control.listApps()[0]?.disabled).toBe(true);
    expect(control.readLimits().appApiPerSecond).toBe(3);
    expect(control.readSettings().repeatedFetch).toBe("new");
    expect(control.listFaults()).toHaveLength(1);
    expect(clock.body.now).toBe(before + 5_000);
    await controlHttp("DELETE", `faults/${fault.body.id}`);
    expect(control.listFaults()).toHaveLength(0);
  });

  test.each([
    ["an unknown route", "GET", "nothing", undefined, 404],
    ["invalid input", "POST", "apps", { appKey: "k" }, 400],
    ["a misspelled member", "PATCH", "limits", { appApiPerSecnd: 3 }, 400],
    ["an unknown organization", "GET", "organizations/none", undefined, 409],
  ])("the control answers %s with a matching status", async (_, method, path, body, status) => {
    const { controlHttp } = await openSimulator();

    expect((await controlHttp(method, path, body)).status).toBe(status);
  });
});

describe("log of calls", () => {
  test("counts calls by path, app and outcome, with times and without secrets", async () => {
    const simulator = await openSimulator();
    const token = await simulator.fetchToken();
    await simulator.topapi("v2/department/listsub", {}, token);
    await simulator.topapi("v2/department/listsub", { dept_id: 999 }, token);
    const { body } = await simulator.controlHttp("GET", "calls");

    expect(body).toMatchObject({
      total: 3,
      byPath: { gettoken: 1, "topapi/v2/department/listsub": 2 },
      byApp: { [DEFAULT_APP_KEY]: 3 },
      byOutcome: { ok: 2, 60003: 1 },
    });
    expect(body.calls[0]).toMatchObject({ at: simulator.control.now(), path: "gettoken", host: "oapi" });
    const text = JSON.stringify(body);
    expect(text).not.toContain(token);
    expect(text).not.toContain(DEFAULT_APP_SECRET);
  });

  test("the log can be filtered and cleared", async () => {
    const simulator = await openSimulator();
    await simulator.topapi("v2/department/listsub");
    const { body } = await simulator.controlHttp("GET", "calls?path=topapi/*&callsMax=0");

    expect(body).toMatchObject({ total: 1, calls: [] });
    await simulator.controlHttp("DELETE", "calls");
    expect(simulator.control.readCalls().total).toBe(0);
  });
});
