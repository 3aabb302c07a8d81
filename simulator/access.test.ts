import { describe, expect, test } from "vitest";
import { DEFAULT_APP_KEY, DEFAULT_APP_SECRET, DEFAULT_CORP_ID } from "./start-simulator";
import { type OpenSimulator, openSimulator } from "./testing/open-simulator";

const LISTSUB = "topapi/v2/department/listsub";
const SEARCH = "v1.0/contact/departments/search";
const WORD = { queryWord: "大区", offset: 0, size: 10 };
const asApi = (token: string) => ({ "x-acs-dingtalk-access-token": token });

describe("access checks", () => {
  test("a token opens only its own organization, even if the app has another one", async () => {
    const simulator = await openSimulator({
      organizations: [
        { corpId: "dinga", seed: 1, name: "甲" },
        { corpId: "dingb", seed: 2, name: "乙" },
      ],
      apps: [
        { appKey: "a", appSecret: "sa", corpId: "dinga" },
        { appKey: "b", appSecret: "sb", corpId: "dingb" },
      ],
    });
    const token = await simulator.fetchToken("a");
    const foreign = simulator.control.listDepartments("dingb").find(({ id }) => id !== 1);

    const { result } = await simulator.topapi("v2/department/get", { dept_id: 1 }, token);
    expect(result.name).toBe("甲");
    expect(await simulator.topapi("v2/department/get", { dept_id: foreign?.id }, token)).toMatchObject({
      errcode: 60003,
    });
    const refused = await simulator.api("v1.0/oauth2/dingb/token", {
      client_id: "a",
      client_secret: "sa",
      grant_type: "client_credentials",
    });
    expect(refused).toMatchObject({ status: 401, code: "unauthorized.client" });
  });

  test("a token becomes invalid when its app moves to another organization", async () => {
    const simulator = await openSimulator();
    simulator.control.addOrganization({ corpId: "dingother", seed: 3 });
    const token = await simulator.fetchToken();
    simulator.control.changeApp(DEFAULT_APP_KEY, { corpId: "dingother" });

    expect(await simulator.legacy("auth/scopes", {}, token)).toMatchObject({ errcode: 40014 });
    const renewed = await simulator.fetchToken();
    expect(await simulator.legacy("auth/scopes", {}, renewed)).toMatchObject({ errcode: 0 });
  });

  test.each([
    ["in a header", {}, "x-acs-dingtalk-access-token", "40014"],
    ["in the body", { access_token: "TOKEN" }, "x-none", "40014"],
    ["nowhere", {}, "x-none", "41001"],
  ])(
    "the oapi host reads the token from the query only, and refuses it %s",
    async (_, body, header, code) => {
      const { sendJson, fetchToken } = await openSimulator();
      const token = await fetchToken();
      const sent = JSON.parse(JSON.stringify(body).replace("TOKEN", token));
      const response = await sendJson(LISTSUB, sent, { [header]: token });

      expect(await response.json()).toMatchObject({ errcode: 88, sub_code: code });
    },
  );

  test("the api host reads the token from its header only, and refuses a missing one and a wrong one", async () => {
    const { api, fetchToken } = await openSimulator();
    const token = await fetchToken();

    expect(await api(`${SEARCH}?access_token=${token}`, WORD)).toMatchObject({
      status: 401,
      code: "Unauthorized",
    });
    expect(await api(SEARCH, WORD, asApi("no"))).toMatchObject({
      status: 400,
      code: "InvalidAuthentication",
    });
    expect(await api(SEARCH, WORD, asApi(token))).toMatchObject({ status: 200, hasMore: false });
  });

  test("with the captured codes, a missing token is 40000 on topapi and a missing parameter on the api host", async () => {
    const { api, sendJson } = await openSimulator({ settings: { edgeCodes: "captured" } });
    const response = await sendJson(LISTSUB, {});

    expect(await response.json()).toMatchObject({ errcode: 88, sub_code: "40000" });
    expect(await api(SEARCH, WORD)).toMatchObject({
      status: 400,
      code: "AuthenticationFailed.MissingParameter",
    });
  });

  test("a wrong token is wrapped in code 88 on topapi, and plain on legacy paths", async () => {
    const { topapi, legacy } = await openSimulator();

    expect(await topapi("v2/department/listsub", {}, "no")).toEqual({
      errcode: 88,
      sub_code: "40014",
      sub_msg: "不合法的access_token",
      errmsg: "ding talk error[subcode=40014,submsg=不合法的access_token]",
      request_id: expect.stringMatching(/^[0-9a-z]{12}$/),
    });
    expect(await legacy("department/list", {}, "no")).toEqual({
      errcode: 40014,
      errmsg: "不合法的access_token",
    });
  });
});

describe("blocked apps", () => {
  const cases: [string, string, (simulator: OpenSimulator) => unknown][] = [
    ["a disabled app", "50003", ({ control }) => control.changeApp(DEFAULT_APP_KEY, { disabled: true })],
    [
      "a withdrawn authorization",
      "41030",
      ({ control }) => control.changeApp(DEFAULT_APP_KEY, { authorized: false }),
    ],
    [
      "a disabled corp",
      "50005",
      ({ control }) => control.setOrganization(DEFAULT_CORP_ID, { status: "disabled" }),
    ],
    [
      "a dissolved corp",
      "70001",
      ({ control }) => control.setOrganization(DEFAULT_CORP_ID, { status: "dissolved" }),
    ],
  ];

  test.each(cases)("%s is refused with %s, for calls and for token fetches", async (_, code, bar) => {
    const simulator = await openSimulator();
    const token = await simulator.fetchToken();
    bar(simulator);

    expect(await simulator.topapi("v2/department/listsub", {}, token)).toMatchObject({
      errcode: 88,
      sub_code: code,
    });
    expect(
      await simulator.read(`gettoken?appkey=${DEFAULT_APP_KEY}&appsecret=${DEFAULT_APP_SECRET}`),
    ).toMatchObject({ errcode: Number(code) });
    expect((await simulator.api(SEARCH, WORD, asApi(token))).status).toBe(400);
  });

  test("a missing permission is 88/60011 on topapi, 60011 on legacy paths, and 403 with its name on the api host", async () => {
    const simulator = await openSimulator();
    simulator.control.changeApp(DEFAULT_APP_KEY, { permissions: ["qyapi_base"] });
    const token = await simulator.fetchToken();

    expect(await simulator.topapi("v2/department/listsub", {}, token)).toMatchObject({
      errcode: 88,
      sub_code: "60011",
      errmsg: expect.stringContaining("qyapi_get_department_list"),
    });
    expect(await simulator.legacy("department/list", {}, token)).toMatchObject({ errcode: 60011 });
    expect(await simulator.api(SEARCH, WORD, asApi(token))).toMatchObject({
      status: 403,
      code: "Forbidden.AccessDenied.AccessTokenPermissionDenied",
      accessdenieddetail: { requiredScopes: ["qyapi_addresslist_search"] },
    });
  });

  test("a refused address gets its IP and the app's key, so that an administrator can add it to the allow list", async () => {
    const simulator = await openSimulator();
    simulator.control.changeApp(DEFAULT_APP_KEY, {
      ipAllowList: ["203.0.113.7", "198.51.100.0/24", "192.0.2.*"],
    });
    const token = await simulator.fetchToken();
    const told = `request ip=127.0.0.1 appKey(${DEFAULT_APP_KEY})`;

    expect(await simulator.topapi("v2/department/listsub", {}, token)).toMatchObject({
      errcode: 88,
      sub_code: "60020",
      sub_msg: expect.stringContaining(told),
    });
    expect(await simulator.legacy("auth/scopes", {}, token)).toMatchObject({ errcode: 60020 });
    expect(await simulator.api(SEARCH, WORD, asApi(token))).toMatchObject({
      status: 403,
      code: "Forbidden.AccessDenied.IpNotInWhiteList",
    });
    for (const ip of ["203.0.113.7", "198.51.100.9", "192.0.2.200"]) {
      const headers = { ...asApi(token), "x-simulated-ip": ip };
      expect((await simulator.api(SEARCH, WORD, headers)).status, ip).toBe(200);
    }
  });

  test("the allow list applies to token fetches only with the setting for it", async () => {
    const simulator = await openSimulator();
    simulator.control.changeApp(DEFAULT_APP_KEY, { ipAllowList: [] });
    const path = `gettoken?appkey=${DEFAULT_APP_KEY}&appsecret=${DEFAULT_APP_SECRET}`;

    expect(await simulator.read(path)).toMatchObject({ errcode: 0 });
    simulator.control.setSettings({ ipCheckedOn: "tokens_too" });
    expect(await simulator.read(path)).toMatchObject({ errcode: 60020 });
  });
});

describe("the hosts", () => {
  test("an unknown topapi path gets errcode 22 with the name of the API", async () => {
    const { topapi } = await openSimulator();

    expect(await topapi("v2/department/nothing")).toMatchObject({
      errcode: 22,
      errmsg: "Invalid method[submsg=不合法ApiName，ApiName = dingtalk.oapi.v2.department.nothing]",
      request_id: expect.any(String),
    });
  });

  test("other unknown paths get errcode 404 on the oapi host and HTTP 404 on the api host", async () => {
    const { read, api } = await openSimulator();

    expect(await read("nothing")).toMatchObject({ errcode: 404 });
    expect(await api("v1.0/nothing", {})).toMatchObject({ status: 404, requestid: expect.any(String) });
  });

  test("the oapi host accepts forms and JSON, and refuses other bodies", async () => {
    const { url, fetchToken } = await openSimulator();
    const address = `${url}/${LISTSUB}?access_token=${await fetchToken()}`;
    const send = async (body: BodyInit, contentType: string) => {
      const response = await fetch(address, {
        method: "POST",
        body,
        headers: { "content-type": contentType },
      });
      return response.json();
    };

    expect(await send("dept_id=1", "application/x-www-form-urlencoded")).toMatchObject({ errcode: 0 });
    expect(await send('{"dept_id":"1"}', "application/json")).toMatchObject({ errcode: 0 });
    expect(await send("dept_id=1", "text/plain")).toMatchObject({ errcode: 43004 });
    expect(await send("{", "application/json")).toMatchObject({ errcode: 43009 });
  });

  test("a wrong method gets 43001 or 43002", async () => {
    const { read, sendJson, fetchToken } = await openSimulator();
    const token = await fetchToken();
    const posted = await sendJson(`department/list?access_token=${token}`, {});

    expect(await posted.json()).toMatchObject({ errcode: 43001 });
    expect(await read(`${LISTSUB}?access_token=${token}`)).toMatchObject({ errcode: 43002 });
  });
});
