import { describe, expect, test } from "vitest";
import { DEFAULT_APP_KEY, DEFAULT_CORP_ID } from "./start-simulator";
import { type OpenSimulator, openSimulator } from "./testing/open-simulator";

const truth = ({ control }: OpenSimulator) => control.listDepartments(DEFAULT_CORP_ID);
const childrenOf = (simulator: OpenSimulator, id: number) =>
  truth(simulator)
    .filter(({ parentId }) => parentId === id)
    .map((department) => department.id)
    .toSorted((a, b) => a - b);

/** Finds a department below the root's children with children, a department outside it, and its descendants. */
function family(simulator: OpenSimulator) {
  const top = childrenOf(simulator, 1);
  const inside = top.find((id) => childrenOf(simulator, id).length > 0) ?? 0;
  const outside = top.find((id) => id !== inside) ?? 0;
  return { inside, outside, child: childrenOf(simulator, inside)[0] ?? 0 };
}

describe("topapi department endpoints", () => {
  test("listsub lists the direct children of the root by default, without the root", async () => {
    const simulator = await openSimulator();
    const { result, errcode, request_id: requestId } = await simulator.topapi("v2/department/listsub");

    expect({ errcode, hasId: typeof requestId === "string" }).toEqual({ errcode: 0, hasId: true });
    const ids = result.map(({ dept_id: id }) => id);
    expect(ids.toSorted((a, b) => a - b)).toEqual(childrenOf(simulator, 1));
    expect(result[0]).toMatchObject({
      parent_id: 1,
      name: expect.any(String),
      create_dept_group: expect.any(Boolean),
    });
    expect(result[0]).not.toHaveProperty("order");
  });

  test("listsub can walk the whole tree", async () => {
    const simulator = await openSimulator({ limits: { appApiPerSecond: null } });
    const token = await simulator.fetchToken();
    const seen = [1];
    for (const id of seen) {
      const { result } = await simulator.topapi("v2/department/listsub", { dept_id: id }, token);
      seen.push(...result.map(({ dept_id: id }) => id));
    }

    expect(seen.toSorted((a, b) => a - b)).toEqual(
      truth(simulator)
        .map(({ id }) => id)
        .toSorted((a, b) => a - b),
    );
  });

  test.each(["v2/department/listsub", "v2/department/get", "v2/department/listparentbydept", "v2/user/list"])(
    "%s distinguishes an unknown department, one outside the scope, and a negative id",
    async (path) => {
      const simulator = await openSimulator();
      const { inside, outside } = family(simulator);
      simulator.control.changeApp(DEFAULT_APP_KEY, { scope: { departments: [inside] } });
      const ask = async (id: number) =>
        (await simulator.topapi(path, { dept_id: id, cursor: 0, size: 10 })).errcode;

      expect(await ask(inside)).toBe(0);
      expect(await ask(999)).toBe(60003);
      expect(await ask(outside)).toBe(50004);
      expect(await ask(1)).toBe(50004);
      expect(await ask(-7)).toBe(40009);
    },
  );

  test("listsubid ignores the scope", async () => {
    const simulator = await openSimulator();
    simulator.control.changeApp(DEFAULT_APP_KEY, { scope: { departments: [family(simulator).inside] } });
    const { result } = await simulator.topapi("v2/department/listsubid", { dept_id: 1 });

    expect(result.dept_id_list.toSorted((a, b) => a - b)).toEqual(childrenOf(simulator, 1));
  });

  test("get returns the root without a parent, and with its leaders", async () => {
    const { topapi } = await openSimulator();
    const { result } = await topapi("v2/department/get", { dept_id: 1 });

    expect(result).not.toHaveProperty("parent_id");
    expect(result).toMatchObject({
      dept_id: 1,
      dept_manager_userid_list: expect.arrayContaining(["manager0001"]),
    });
  });

  test("get writes an order beyond 2^53 with all digits", async () => {
    const simulator = await openSimulator();
    const id = family(simulator).inside;
    simulator.control.changeDirectory(DEFAULT_CORP_ID, [
      { op: "order_department", id, order: "176318668975061512" },
    ]);
    const response = await simulator.sendJson(
      `topapi/v2/department/get?access_token=${await simulator.fetchToken()}`,
      { dept_id: id },
    );

    expect(await response.text()).toContain('"order":176318668975061512,');
  });

  test("listparentbydept begins with the department and ends with the root", async () => {
    const simulator = await openSimulator();
    const { inside, child } = family(simulator);
    const { result } = await simulator.topapi("v2/department/listparentbydept", { dept_id: child });

    expect(result).toEqual({ parent_id_list: [child, inside, 1] });
  });

  test("listparentbyuser returns a path for each department of the person", async () => {
    const simulator = await openSimulator();
    const { inside, outside } = family(simulator);
    const [userid] = simulator.control.changeDirectory(DEFAULT_CORP_ID, [
      { op: "add_person", name: "王伟", departments: [inside, outside] },
    ]);
    const { result } = await simulator.topapi("v2/department/listparentbyuser", { userid });

    expect(result.parent_list).toEqual([
      { parent_dept_id_list: [inside, 1] },
      { parent_dept_id_list: [outside, 1] },
    ]);
  });

  test.each([
    ["no id", {}, 40035],
    ["an id of letters", { dept_id: "x" }, 400002],
  ])("get answers %s with a parameter error", async (_, body, errcode) => {
    const { topapi } = await openSimulator();

    expect(await topapi("v2/department/get", body)).toMatchObject({ errcode });
  });
});

describe("legacy department endpoints", () => {
  test.each([
    ["when_id_omitted", {}, true],
    ["when_id_omitted", { id: "1" }, false],
    ["always", { id: "1" }, true],
    ["never", {}, false],
  ] as const)(
    "with rootRow %s and %o, the list contains the requested department: %s",
    async (rootRow, query, hasRoot) => {
      const { legacy } = await openSimulator({ settings: { rootRow } });
      const { department } = await legacy("department/list", { ...query, fetch_child: "false" });

      expect(department.some(({ id }) => id === 1)).toBe(hasRoot);
    },
  );

  test("list returns all levels with fetch_child, and one level without", async () => {
    const simulator = await openSimulator({ settings: { rootRow: "never", fetchChildWhenOmitted: false } });
    const count = async (query: Record<string, string>) =>
      (await simulator.legacy("department/list", query)).department.length;

    expect(await count({ fetch_child: "true" })).toBe(truth(simulator).length - 1);
    expect(await count({ fetch_child: "false" })).toBe(childrenOf(simulator, 1).length);
    expect(await count({})).toBe(childrenOf(simulator, 1).length);
    simulator.control.setSettings({ fetchChildWhenOmitted: true });
    expect(await count({})).toBe(truth(simulator).length - 1);
  });

  test("list refuses fetch_child to a third-party app", async () => {
    const { control, legacy, api } = await openSimulator();
    control.changeApp(DEFAULT_APP_KEY, { kind: "isv" });
    const { appSecret } = control.changeApp(DEFAULT_APP_KEY, {});
    const { access_token: token } = await api(`v1.0/oauth2/${DEFAULT_CORP_ID}/token`, {
      client_id: DEFAULT_APP_KEY,
      client_secret: appSecret,
      grant_type: "client_credentials",
    });

    expect(await legacy("department/list", { fetch_child: "true" }, token)).toMatchObject({
      errcode: 400002,
    });
    expect(await legacy("department/list", { fetch_child: "false" }, token)).toMatchObject({ errcode: 0 });
  });

  test("list answers 50004 for a department outside the scope", async () => {
    const simulator = await openSimulator();
    const { inside } = family(simulator);
    simulator.control.changeApp(DEFAULT_APP_KEY, { scope: { departments: [inside] } });

    expect(await simulator.legacy("department/list")).toEqual({
      errcode: 50004,
      errmsg: "请求的部门id不在授权范围内",
    });
    expect(await simulator.legacy("department/list", { id: String(inside) })).toMatchObject({ errcode: 0 });
  });

  test("the closed legacy API is refused with a missing permission", async () => {
    const { legacy } = await openSimulator({ settings: { legacyDepartmentApi: "closed" } });

    expect(await legacy("department/list")).toMatchObject({ errcode: 60011 });
  });

  test("list_ids ignores the scope", async () => {
    const simulator = await openSimulator();
    simulator.control.changeApp(DEFAULT_APP_KEY, { scope: { departments: [family(simulator).inside] } });
    const { sub_dept_id_list: ids } = await simulator.legacy("department/list_ids", { id: "1" });

    expect(ids.toSorted((a, b) => a - b)).toEqual(childrenOf(simulator, 1));
  });

  test("get and both parent endpoints return the same as their successors", async () => {
    const simulator = await openSimulator();
    const { inside, child } = family(simulator);
    const member = simulator.control.listMembers(DEFAULT_CORP_ID, child)[0];

    expect(await simulator.legacy("department/get", { id: String(child) })).toMatchObject({
      id: child,
      parentid: inside,
    });
    expect(
      await simulator.legacy("department/list_parent_depts_by_dept", { id: String(child) }),
    ).toMatchObject({
      parentIds: [child, inside, 1],
    });
    const { department } = await simulator.legacy("department/list_parent_depts", {
      userId: member?.userid ?? "",
    });
    expect(department).toContainEqual([child, inside, 1]);
  });
});

describe("auth/scopes", () => {
  test("lists authorized departments and people that exist", async () => {
    const simulator = await openSimulator();
    const { inside } = family(simulator);
    simulator.control.changeApp(DEFAULT_APP_KEY, {
      scope: { departments: [inside, 999], users: ["manager0001", "nobody"] },
    });
    const answer = await simulator.legacy("auth/scopes");

    expect(answer).toMatchObject({
      errcode: 0,
      condition_field: [],
      auth_org_scopes: { authed_dept: [inside], authed_user: ["manager0001"] },
    });
    expect(answer.auth_user_field).toContain("mobile");
  });
});

describe("v1.0/contact", () => {
  test("departments/search finds visible departments by a part of their name", async () => {
    const simulator = await openSimulator();
    const [id] = simulator.control.changeDirectory(DEFAULT_CORP_ID, [
      { op: "add_department", parentId: 1, name: "量子计算实验室" },
    ]);
    const headers = { "x-acs-dingtalk-access-token": await simulator.fetchToken() };
    const query = { queryWord: "量子", offset: 0, size: 10 };

    const path = "v1.0/contact/departments/search";
    expect(await simulator.api(path, query, headers)).toMatchObject({
      hasMore: false,
      totalCount: 1,
      list: [id],
    });
    simulator.control.changeApp(DEFAULT_APP_KEY, { scope: { departments: [family(simulator).inside] } });
    expect(await simulator.api(path, query, headers)).toMatchObject({ totalCount: 0, list: [] });
  });

  test("users/{unionId} refuses an app's token, because it needs a person's", async () => {
    const { read, fetchToken } = await openSimulator();
    const headers = { "x-acs-dingtalk-access-token": await fetchToken() };

    expect(await read("v1.0/contact/users/me", { headers })).toMatchObject({
      code: "Forbidden.AccessDenied.AccessTokenPermissionDenied",
      accessdenieddetail: { requiredScopes: ["Contact.User.Read"] },
    });
  });
});
