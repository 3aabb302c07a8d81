import { describe, expect, test } from "vitest";
import { Redacted } from "@/lib/redacted";
import { makeDingtalk, refusalOf } from "./test-support/make-dingtalk";
import { answeringWithin, never } from "./test-support/scopes-host";
import { deadUrl, type Reply, startHost, withoutNames } from "./test-support/servers";
import { requestAccessToken, requestAccessTokenLegacy, requestAccessTokenWithFallback } from "./tokens";

const appSecret = "s3cret-of/the+app=";
const pair = { kind: "internal", appKey: "dingabc", appSecret: new Redacted(appSecret) } as const;
const token: Reply = { json: { accessToken: "t-1", expireIn: 7200 } };
const legacyToken: Reply = { json: { errcode: 0, errmsg: "ok", access_token: "t-2", expires_in: 7200 } };
const wrongPair: Reply = {
  status: 400,
  json: { code: "invalidClientIdOrSecret", message: "无效的clientId或者clientSecret", requestid: "R-9" },
};
const apiUnknown: Reply = {
  status: 404,
  json: { code: "InvalidAction.NotFound", message: "Specified api is not found", requestid: "R-1" },
};

/** The two hosts, each with its replies. */
async function hosts(apiReplies: Reply[], oapiReplies: Reply[] = [legacyToken]) {
  const [api, oapi] = [await startHost(...apiReplies), await startHost(...oapiReplies)];
  return {
    api,
    oapi,
    ...makeDingtalk({ apiUrl: api.url, oapiUrl: oapi.url, timeoutMs: answeringWithin(apiReplies) }),
  };
}

describe("requestAccessToken", () => {
  test("S22 sends the credentials in the body, and not in the address or the headers", async () => {
    const { api, dingtalk } = await hosts([token]);
    const granted = await requestAccessToken(dingtalk, pair);

    expect(granted.token.reveal()).toBe("t-1");
    expect(granted.source).toBe("v1.0/oauth2/accessToken");
    expect(api.received).toHaveLength(1);
    expect(api.received[0]).toMatchObject({ method: "POST", url: "/v1.0/oauth2/accessToken" });
    expect(JSON.parse(api.received[0]?.body ?? "")).toEqual({ appKey: "dingabc", appSecret });
    expect(JSON.stringify(api.received[0]?.headers)).not.toContain(appSecret);
  });

  test("returns a token that is redacted when printed", async () => {
    const { dingtalk } = await hosts([token]);
    expect(JSON.stringify(await requestAccessToken(dingtalk, pair))).not.toContain("t-1");
  });

  test("counts the lifetime from the start of the request", async () => {
    const slow: Reply = (_request, response) => {
      made.advance(3_000);
      response.end(JSON.stringify({ accessToken: "t-1", expireIn: 100 }));
    };
    const made = await hosts([slow]);
    const granted = await requestAccessToken(made.dingtalk, pair);
    expect(granted).toMatchObject({ expiresAt: new Date("2026-01-01T00:01:40Z"), lifetimeSeconds: 100 });
  });

  test.each([
    [{ expireIn: 3600 }, 3600],
    [{ expires_in: 3600 }, 3600],
    [{ expiresIn: 3600 }, 3600],
    [{ expireIn: "3600" }, 3600],
    [{}, 7200],
    [{ expireIn: 0 }, 7200],
    [{ expireIn: -1 }, 7200],
    [{ expireIn: null }, 7200],
    [{ expireIn: "soon" }, 7200],
    [{ expireIn: 1e300 }, 7200],
  ])("reads the lifetime %j as %i seconds", async (lifetime, seconds) => {
    const { dingtalk } = await hosts([{ json: { accessToken: "t-1", ...lifetime } }]);
    expect((await requestAccessToken(dingtalk, pair)).lifetimeSeconds).toBe(seconds);
  });

  test.each([
    {},
    { accessToken: "" },
    { accessToken: 7 },
    { accessToken: "a b" },
    { accessToken: "a\r\nx: y" },
    { accessToken: "令牌" },
  ])("refuses the token answer %j as wrong_host", async (json) => {
    const { dingtalk, api } = await hosts([{ json }]);
    expect(await refusalOf(requestAccessToken(dingtalk, pair))).toMatchObject({
      kind: "wrong_host",
      retry: "no",
    });
    expect(api.received).toHaveLength(1);
  });

  test("does not repeat a request with wrong credentials", async () => {
    const { dingtalk, api, waitsMs } = await hosts([wrongPair]);
    const error = await refusalOf(requestAccessToken(dingtalk, pair));
    expect(error).toMatchObject({
      kind: "credentials_refused",
      retry: "no",
      upstream: { code: "invalidClientIdOrSecret", requestId: "R-9" },
    });
    expect(api.received).toHaveLength(1);
    expect(waitsMs).toEqual([]);
  });

  test("repeats a token request that a busy host refused", async () => {
    const { dingtalk, api } = await hosts([
      { status: 500, json: { code: "systemBusy", message: "" } },
      token,
    ]);
    await requestAccessToken(dingtalk, pair);
    expect(api.received).toHaveLength(2);
  });

  test("S22 quotes neither secret nor answer in errors", async () => {
    const replies: Reply[] = [
      {
        status: 400,
        json: {
          code: "invalidClientIdOrSecret",
          message: `no such pair: ${appSecret}`,
          requestid: appSecret,
        },
      },
      { status: 400, text: `<html>${appSecret}</html>` },
      { headers: { "content-type": appSecret, "content-encoding": "compress" }, text: "x" },
      { json: { access_token_of_another_shape: "fresh-token" } },
      { text: '{"accessToken":"fresh-token"' },
      { text: "access_token=fresh-token" },
    ];
    for (const reply of replies) {
      const { dingtalk } = await hosts([reply]);
      const error = await refusalOf(requestAccessToken(dingtalk, pair));
      const shown = [error.message, error.stack, JSON.stringify(error)].join();
      expect(shown).not.toContain(appSecret);
      expect(shown).not.toContain("fresh-token");
    }
  });
});

describe("requestAccessTokenLegacy", () => {
  test("sends key and secret in the query of the older host", async () => {
    const { dingtalk, oapi } = await hosts([], [legacyToken]);
    const granted = await requestAccessTokenLegacy(dingtalk, pair);
    expect(granted).toMatchObject({ source: "gettoken", lifetimeSeconds: 7200 });
    expect(granted.token.reveal()).toBe("t-2");
    const { pathname, searchParams } = new URL(oapi.received[0]?.url ?? "", oapi.url);
    expect([pathname, Object.fromEntries(searchParams)]).toEqual([
      "/gettoken",
      { appkey: "dingabc", appsecret: appSecret },
    ]);
  });

  test.each([40089, 40001])("reports errcode %i as credentials_refused", async (errcode) => {
    const { dingtalk, oapi } = await hosts([], [{ json: { errcode, errmsg: "不合法的corpId或corpSecret" } }]);
    expect((await refusalOf(requestAccessTokenLegacy(dingtalk, pair))).kind).toBe("credentials_refused");
    expect(oapi.received).toHaveLength(1);
  });

  test("S22 quotes neither secret nor address in a network error", async () => {
    const { dingtalk } = makeDingtalk({ oapiUrl: await deadUrl() });
    const error = await refusalOf(requestAccessTokenLegacy(dingtalk, pair));
    const shown = [error.message, error.stack, JSON.stringify(error)].join();
    expect(error).toMatchObject({ kind: "unreachable", api: "gettoken" });
    expect(shown).not.toMatch(/s3cret|appsecret|\?/);
  });

  test("refuses an answer without errcode, and does not quote its token", async () => {
    const { dingtalk } = await hosts([], [{ json: { access_token: "fresh-token", expires_in: 7200 } }]);
    const error = await refusalOf(requestAccessTokenLegacy(dingtalk, pair));
    expect(error.kind).toBe("wrong_host");
    expect(JSON.stringify(error)).not.toContain("fresh-token");
  });
});

describe("requestAccessTokenWithFallback", () => {
  test("S22 does not ask the older host when the new one answers", async () => {
    const { dingtalk, oapi } = await hosts([token]);
    expect((await requestAccessTokenWithFallback(dingtalk, pair)).source).toBe("v1.0/oauth2/accessToken");
    expect(oapi.received).toEqual([]);
  });

  test.each([
    ["refuses the credentials", wrongPair, "credentials_refused"],
    [
      "refuses this server's address",
      {
        status: 403,
        json: { code: "Forbidden.AccessDenied.IpNotInWhiteList", message: "request ip=1.2.3.4" },
      },
      "ip_not_allowed",
    ],
    [
      "reports a malformed request",
      { status: 400, json: { code: "MissingappKey", message: "" } },
      "malformed_request",
    ],
    ["is busy", { status: 503, json: { code: "systemBusy", message: "" } }, "temporary_fault"],
    ["throttles", { status: 429, json: { code: "system.busy", message: "" } }, "throttled"],
    ["is another host", { status: 404, json: { error: "Not Found" } }, "wrong_host"],
    ["is a sign-in page", { status: 404, text: "<html>sign in</html>" }, "not_dingtalk"],
  ] as const)("S22 does not ask the older host for a token when the new host %s", async (_, reply, kind) => {
    const { dingtalk, oapi } = await hosts([reply]);
    expect((await refusalOf(requestAccessTokenWithFallback(dingtalk, pair))).kind).toBe(kind);
    expect(oapi.received).toEqual([]);
  });

  test.each([
    ["lacks the API", apiUnknown],
    ["closes the connection", (request) => request.socket.destroy()],
    ["does not answer in time", never],
  ] satisfies [string, Reply][])(
    "S22 asks the older host for a token when the new host %s",
    async (_, reply) => {
      const { dingtalk, oapi } = await hosts([reply]);
      expect((await requestAccessTokenWithFallback(dingtalk, pair)).source).toBe("gettoken");
      expect(oapi.received).toHaveLength(1);
    },
  );

  test("falls back when the new host's name does not resolve", async () => {
    const oapi = await startHost(legacyToken);
    const { dingtalk } = makeDingtalk({
      apiUrl: "http://no-such-host.invalid",
      oapiUrl: oapi.url,
      dispatcher: withoutNames(),
    });
    expect((await requestAccessTokenWithFallback(dingtalk, pair)).source).toBe("gettoken");
  });

  test("throws the older host's refusal of the credentials", async () => {
    const { dingtalk } = await hosts([apiUnknown], [{ json: { errcode: 40089, errmsg: "no" } }]);
    expect((await refusalOf(requestAccessTokenWithFallback(dingtalk, pair))).kind).toBe(
      "credentials_refused",
    );
  });

  test("throws the new host's failure when neither host can be reached", async () => {
    const url = await deadUrl();
    const { dingtalk } = makeDingtalk({ url });
    const error = await refusalOf(requestAccessTokenWithFallback(dingtalk, pair));
    expect(error).toMatchObject({ kind: "unreachable", api: "v1.0/oauth2/accessToken" });
  });
});
