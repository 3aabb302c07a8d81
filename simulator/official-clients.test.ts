import { describe, expect, onTestFinished, test, vi } from "vitest";
import {
  DEFAULT_APP_KEY,
  DEFAULT_APP_SECRET,
  DEFAULT_CORP_ID,
  DEFAULT_SUITE_KEY,
  DEFAULT_SUITE_SECRET,
  DEFAULT_SUITE_TICKET,
} from "./start-simulator";
import { alicloudClients, dingtalkStream, nodeDingtalk } from "./testing/dingtalk-clients";
import { type OpenSimulator, openSimulator } from "./testing/open-simulator";

const PAIR = { appKey: DEFAULT_APP_KEY, appSecret: DEFAULT_APP_SECRET };
const CLIENT = {
  clientId: DEFAULT_APP_KEY,
  clientSecret: DEFAULT_APP_SECRET,
  grantType: "client_credentials",
};
const SUITE = {
  suiteKey: DEFAULT_SUITE_KEY,
  suiteSecret: DEFAULT_SUITE_SECRET,
  suiteTicket: DEFAULT_SUITE_TICKET,
  authCorpId: DEFAULT_CORP_ID,
};
const byNumber = (a: number, b: number) => a - b;

describe("@alicloud/dingtalk, DingTalk's client for the api host", () => {
  test("getAccessToken returns a token that opens the organization", async () => {
    const simulator = await openSimulator();
    const { body, statusCode } = await alicloudClients(simulator.url).getAccessToken(PAIR);

    expect({ statusCode, expireIn: body.expireIn }).toEqual({ statusCode: 200, expireIn: 7200 });
    expect(await simulator.legacy("auth/scopes", {}, body.accessToken)).toMatchObject({ errcode: 0 });
  });

  test("getToken reads access_token and expires_in", async () => {
    const { url } = await openSimulator();
    const { body } = await alicloudClients(url).getToken(DEFAULT_CORP_ID, CLIENT);

    expect(body).toMatchObject({ accessToken: expect.stringMatching(/^[0-9a-f]{32}$/), expiresIn: 7200 });
  });

  test("getCorpAccessToken returns a third-party app's token that opens its customer", async () => {
    const simulator = await openSimulator();
    const client = alicloudClients(simulator.url);
    const { body, statusCode } = await client.getCorpAccessToken(SUITE);

    expect({ statusCode, expireIn: body.expireIn }).toEqual({ statusCode: 200, expireIn: 7200 });
    expect(await simulator.legacy("auth/scopes", {}, body.accessToken)).toMatchObject({ errcode: 0 });
    const refused = client.getCorpAccessToken({ ...SUITE, suiteTicket: "an older one" });
    await expect(refused).rejects.toMatchObject({ code: "invalidSuiteTicket", statusCode: 400 });
  });

  test("getToken returns a third-party app's token without a ticket", async () => {
    const { url } = await openSimulator();
    const client = { clientId: DEFAULT_SUITE_KEY, clientSecret: DEFAULT_SUITE_SECRET };
    const fields = { ...client, grantType: "client_credentials" };
    const { statusCode } = await alicloudClients(url).getToken(DEFAULT_CORP_ID, fields);

    expect(statusCode).toBe(200);
  });

  test("an error reaches the caller with its code and status", async () => {
    const { url } = await openSimulator();
    const refused = alicloudClients(url).getAccessToken({ ...PAIR, appSecret: "no" });

    await expect(refused).rejects.toMatchObject({ code: "invalidClientIdOrSecret", statusCode: 400 });
  });

  test("searchDepartment of the contact client sends its token in a form that is accepted", async () => {
    const simulator = await openSimulator();
    const [id] = simulator.control.changeDirectory(DEFAULT_CORP_ID, [
      { op: "add_department", parentId: 1, name: "量子计算实验室" },
    ]);
    const { body } = await alicloudClients(simulator.url).searchDepartment(
      { queryWord: "量子", offset: 0, size: 10 },
      await simulator.fetchToken(),
    );

    expect(body).toMatchObject({ totalCount: 1, hasMore: false, list: [id] });
  });

  test("a missing permission reaches the caller with the required scopes", async () => {
    const simulator = await openSimulator();
    simulator.control.changeApp(DEFAULT_APP_KEY, { permissions: [] });
    const refused = alicloudClients(simulator.url).searchDepartment(
      { queryWord: "量子", offset: 0, size: 10 },
      await simulator.fetchToken(),
    );

    await expect(refused).rejects.toMatchObject({
      statusCode: 403,
      accessDeniedDetail: { requiredScopes: ["qyapi_addresslist_search"] },
    });
  });

  test("an address ban, which has no API answer, reaches the caller as an error", async () => {
    const { url, control } = await openSimulator();
    control.addFault({ fault: { kind: "ban_page" } });

    await expect(alicloudClients(url).getAccessToken(PAIR)).rejects.toThrow();
  });
});

describe("node-dingtalk, a client for the legacy host", () => {
  const open = (simulator: OpenSimulator) =>
    nodeDingtalk({ host: simulator.url, corpid: DEFAULT_CORP_ID, corpsecret: DEFAULT_APP_SECRET });

  test("fetches a token with the organization's id and the app's secret", async () => {
    const simulator = await openSimulator();
    const token = await open(simulator).client.getAccessToken();

    expect(await simulator.legacy("auth/scopes", {}, token)).toMatchObject({ errcode: 0 });
  });

  test("lists the whole tree, the root included", async () => {
    const simulator = await openSimulator();
    const { department } = await open(simulator).department.list();
    const truth = simulator.control.listDepartments(DEFAULT_CORP_ID);

    expect(department.map(({ id, name, parentid }) => [id, name, parentid ?? null]).toSorted()).toEqual(
      truth.map(({ id, name, parentId }) => [id, name, parentId]).toSorted(),
    );
  });

  test("reads a department, its children's ids and its parents' ids", async () => {
    const simulator = await openSimulator();
    const client = open(simulator);
    const truth = simulator.control.listDepartments(DEFAULT_CORP_ID);
    const top = truth.find(({ parentId }) => parentId === 1);
    const id = top?.id ?? 0;
    const children = truth.filter(({ parentId }) => parentId === id).map((child) => child.id);

    expect(await client.department.get(id)).toMatchObject({ id, name: top?.name, parentid: 1 });
    expect(await client.department.get(999)).toBeUndefined();
    const { sub_dept_id_list: ids } = await client.department.listSubDepartmentIds(id);
    expect(ids.toSorted(byNumber)).toEqual(children.toSorted(byNumber));
    expect((await client.department.listParentDepartmentIds(id)).parentIds).toEqual([id, 1]);
  });

  test("collects each person of the organization once", async () => {
    const simulator = await openSimulator({ limits: { appApiPerSecond: null } });
    const { userlist } = await open(simulator).user.listAll(undefined, false);

    expect(userlist).toHaveLength(simulator.control.getOrganization(DEFAULT_CORP_ID).people);
    expect(await open(simulator).user.get("manager0001")).toMatchObject({ userid: "manager0001" });
    expect(await open(simulator).user.get("nobody")).toBeUndefined();
  });
});

describe("dingtalk-stream, DingTalk's client for stream mode", () => {
  /** Starts a simulator whose default app uses stream mode, with a connection of the client. */
  async function open(listener: (eventType: string | undefined, data: string) => unknown) {
    // The client reports each connection on the console.
    const log = vi.spyOn(console, "info").mockReturnValue();
    onTestFinished(() => log.mockRestore());
    const { url, control } = await openSimulator();
    control.subscribeStream(DEFAULT_APP_KEY);
    const { clientId, clientSecret } = CLIENT;
    const { client, end } = dingtalkStream(url, { clientId, clientSecret });
    onTestFinished(end);
    await client.registerAllEventListener(({ headers, data }) => listener(headers.eventType, data)).connect();
    return control;
  }

  test("receives an event, acknowledges it, and answers a ping", async () => {
    const received: unknown[] = [];
    const control = await open((eventType, data) => {
      received.push([eventType, JSON.parse(data)]);
      return { status: "SUCCESS" };
    });
    control.changeDirectory(DEFAULT_CORP_ID, [{ op: "rename_department", id: 1, name: "新集团" }]);
    await control.passTime(30_000);

    const timeStamp = String(control.listPushes()[0]?.event.bornAt);
    expect(received).toEqual([["org_dept_modify", { deptId: [1], timeStamp }]]);
    expect(control.listPushes()).toMatchObject([{ state: "delivered" }]);
    expect(control.listConnections()).toMatchObject([{ state: "open", acknowledged: 2 }]);
  });

  test("acknowledges without a status if its listener is async, so that the event is delivered again", async () => {
    const control = await open(async () => ({ status: "SUCCESS" }));
    control.changeDirectory(DEFAULT_CORP_ID, [{ op: "rename_department", id: 1, name: "新集团" }]);
    await control.settleEvents();

    expect(control.listPushes()[0]?.attempts).toMatchObject([{ ok: false, reason: "no_status" }]);
  });
});
