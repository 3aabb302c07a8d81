import { describe, expect, test } from "vitest";
import { DEFAULT_APP_KEY, DEFAULT_APP_SECRET, DEFAULT_CORP_ID } from "./start-simulator";
import { type OpenSimulator, openSimulator } from "./testing/open-simulator";

const HOUR_MS = 3_600_000;
const GETTOKEN = `gettoken?appkey=${DEFAULT_APP_KEY}&appsecret=${DEFAULT_APP_SECRET}`;
const PAIR = { appKey: DEFAULT_APP_KEY, appSecret: DEFAULT_APP_SECRET };
const CLIENT = {
  client_id: DEFAULT_APP_KEY,
  client_secret: DEFAULT_APP_SECRET,
  grant_type: "client_credentials",
};
const CORP_TOKEN = `v1.0/oauth2/${DEFAULT_CORP_ID}/token`;

const isAccepted = async (simulator: OpenSimulator, token: string): Promise<boolean> =>
  (await simulator.legacy("auth/scopes", {}, token)).errcode === 0;

describe("the three token endpoints", () => {
  test("gettoken returns 32 hexadecimal digits and a lifetime of 7200 seconds", async () => {
    const { read } = await openSimulator();

    expect(await read(GETTOKEN)).toEqual({
      errcode: 0,
      errmsg: "ok",
      access_token: expect.stringMatching(/^[0-9a-f]{32}$/),
      expires_in: 7200,
    });
  });

  test("gettoken also accepts the old names corpid and corpsecret", async () => {
    const { read } = await openSimulator();

    expect(await read(`gettoken?corpid=${DEFAULT_CORP_ID}&corpsecret=${DEFAULT_APP_SECRET}`)).toMatchObject({
      errcode: 0,
    });
  });

  test("v1.0/oauth2/accessToken names its fields accessToken and expireIn", async () => {
    const { api } = await openSimulator();

    expect(await api("v1.0/oauth2/accessToken", PAIR)).toEqual({
      status: 200,
      accessToken: expect.stringMatching(/^[0-9a-f]{32}$/),
      expireIn: 7200,
    });
  });

  test("v1.0/oauth2/{corpId}/token names its fields access_token and expires_in", async () => {
    const { api } = await openSimulator();

    expect(await api(CORP_TOKEN, CLIENT)).toEqual({
      status: 200,
      access_token: expect.any(String),
      expires_in: 7200,
    });
  });

  test.each([
    ["a wrong secret", `gettoken?appkey=${DEFAULT_APP_KEY}&appsecret=no`, 40089],
    ["an unknown key", "gettoken?appkey=no&appsecret=no", 40089],
    ["no key", "gettoken", 40035],
    ["no secret", `gettoken?appkey=${DEFAULT_APP_KEY}`, 40035],
  ])("gettoken answers %s with HTTP 200 and an errcode", async (_, path, errcode) => {
    const { url } = await openSimulator();
    const response = await fetch(`${url}/${path}`);

    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ errcode });
  });

  test.each([
    ["accessToken", "v1.0/oauth2/accessToken", { ...PAIR, appSecret: "no" }, 400, "invalidClientIdOrSecret"],
    ["{corpId}/token", CORP_TOKEN, { ...CLIENT, client_secret: "no" }, 400, "invalid.client"],
    ["{corpId}/token", CORP_TOKEN, { ...CLIENT, grant_type: "password" }, 400, "unsupported.grant.type"],
    ["{corpId}/token", "v1.0/oauth2/dingother/token", CLIENT, 401, "unauthorized.client"],
  ])("%s refuses with a status, a code and a request id", async (_, path, body, status, code) => {
    const { api } = await openSimulator();

    expect(await api(path, body)).toMatchObject({ status, code, requestid: expect.any(String) });
  });

  test("a third-party app gets its token only from v1.0/oauth2/{corpId}/token", async () => {
    const { control, read, api } = await openSimulator();
    control.changeApp(DEFAULT_APP_KEY, { kind: "isv" });

    expect(await read(GETTOKEN)).toMatchObject({ errcode: 40089 });
    expect(await api("v1.0/oauth2/accessToken", PAIR)).toMatchObject({ code: "invalidClientIdOrSecret" });
    expect(await api(CORP_TOKEN, CLIENT)).toMatchObject({ status: 200 });
  });

  test("accessToken answers a form with Missingbody", async () => {
    const { url } = await openSimulator();
    const response = await fetch(`${url}/v1.0/oauth2/accessToken`, {
      method: "POST",
      body: new URLSearchParams(PAIR),
    });

    expect(response.status).toBe(400);
    expect(response.headers.get("x-acs-request-id")).toBeTruthy();
    expect(await response.json()).toMatchObject({ code: "Missingbody" });
  });

  test("with the captured codes, an unknown appkey gets 40096", async () => {
    const { read } = await openSimulator({ settings: { edgeCodes: "captured" } });

    expect(await read("gettoken?appkey=no&appsecret=no")).toMatchObject({ errcode: 40096 });
  });
});

describe("repeated fetches of a token", () => {
  test('the setting "extended" returns the same token with a full lifetime again', async () => {
    const simulator = await openSimulator();
    const first = await simulator.read(GETTOKEN);
    simulator.control.advanceClock(1.5 * HOUR_MS);
    const second = await simulator.read(GETTOKEN);
    simulator.control.advanceClock(1.5 * HOUR_MS);

    expect(second).toEqual(first);
    expect(await isAccepted(simulator, first.access_token)).toBe(true);
  });

  test('the setting "remaining" returns the same token with its remaining lifetime and unchanged end', async () => {
    const simulator = await openSimulator({ settings: { repeatedFetch: "remaining" } });
    const first = await simulator.read(GETTOKEN);
    simulator.control.advanceClock(1.5 * HOUR_MS);

    expect(await simulator.read(GETTOKEN)).toEqual({ ...first, expires_in: 1800 });
    simulator.control.advanceClock(0.5 * HOUR_MS);
    expect(await isAccepted(simulator, first.access_token)).toBe(false);
  });

  test.each([
    ["live", true],
    ["dead", false],
  ] as const)(
    'the setting "new" returns another token, and the older one is %s',
    async (olderTokens, isLive) => {
      const simulator = await openSimulator({ settings: { repeatedFetch: "new", olderTokens } });
      const [first, second] = [await simulator.fetchToken(), await simulator.fetchToken()];

      expect(second).not.toBe(first);
      expect(await isAccepted(simulator, second)).toBe(true);
      expect(await isAccepted(simulator, first)).toBe(isLive);
    },
  );

  test("a fetch after the lifetime returns a new token, and the old one is refused", async () => {
    const simulator = await openSimulator();
    const first = await simulator.fetchToken();
    simulator.control.advanceClock(2 * HOUR_MS);

    expect(await isAccepted(simulator, first)).toBe(false);
    expect(await simulator.fetchToken()).not.toBe(first);
  });
});

describe("token settings", () => {
  test.each([
    ["missing", undefined],
    ["zero", 0],
    ["negative", -1],
    ["text", "7200"],
  ] as const)(
    "the setting lifetimeField %s changes the field on every endpoint",
    async (lifetimeField, value) => {
      const { read, api } = await openSimulator({ settings: { lifetimeField } });

      expect((await read(GETTOKEN)).expires_in).toBe(value);
      expect((await api("v1.0/oauth2/accessToken", PAIR)).expireIn).toBe(value);
      expect((await api(CORP_TOKEN, CLIENT)).expires_in).toBe(value);
    },
  );

  test.each([
    ["same", 1],
    ["different", 3],
  ] as const)(
    "with tokenEndpoints %s, the endpoints return %i different tokens, which all work on both hosts",
    async (tokenEndpoints, count) => {
      const simulator = await openSimulator({ settings: { tokenEndpoints } });
      const tokens = new Set<string>([
        (await simulator.read(GETTOKEN)).access_token,
        (await simulator.api("v1.0/oauth2/accessToken", PAIR)).accessToken,
        (await simulator.api(CORP_TOKEN, CLIENT)).access_token,
      ]);

      expect(tokens.size).toBe(count);
      for (const token of tokens) {
        expect(await isAccepted(simulator, token)).toBe(true);
        const headers = { "x-acs-dingtalk-access-token": token };
        const found = await simulator.api(
          "v1.0/contact/departments/search",
          { queryWord: "大区", offset: 0, size: 5 },
          headers,
        );
        expect(found.status).toBe(200);
      }
    },
  );

  test.each([
    ["keeps", true],
    ["kills", false],
  ] as const)(
    "with the setting secretReset, the simulator %s tokens of the old secret",
    async (secretReset, isLive) => {
      const simulator = await openSimulator({ settings: { secretReset } });
      const token = await simulator.fetchToken();
      simulator.control.changeApp(DEFAULT_APP_KEY, { appSecret: "another" });

      expect(await isAccepted(simulator, token)).toBe(isLive);
      expect(await simulator.read(GETTOKEN)).toMatchObject({ errcode: 40089 });
    },
  );

  test.each([40014, 42001] as const)("an expired token gets %i with the setting for it", async (code) => {
    const simulator = await openSimulator({ settings: { expiredTokenCode: code } });
    const token = await simulator.fetchToken();
    simulator.control.advanceClock(2 * HOUR_MS);

    expect(await simulator.legacy("auth/scopes", {}, token)).toMatchObject({ errcode: code });
    expect(await simulator.legacy("auth/scopes", {}, "made-up")).toMatchObject({ errcode: 40014 });
  });

  test("a setting can apply to one app alone", async () => {
    const simulator = await openSimulator();
    simulator.control.changeApp(DEFAULT_APP_KEY, { settings: { lifetimeField: "zero" } });
    simulator.control.addApp({ appKey: "b", appSecret: "b-secret", corpId: DEFAULT_CORP_ID });

    expect((await simulator.read(GETTOKEN)).expires_in).toBe(0);
    expect((await simulator.read("gettoken?appkey=b&appsecret=b-secret")).expires_in).toBe(7200);
  });
});
