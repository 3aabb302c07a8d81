import { afterAll, describe, expect, test } from "vitest";
import { closeNotifications } from "@/lib/db/notifications";
import type { Turn } from "@/lib/dingtalk/limiter";
import { gatewayOn, makeGatewayApp } from "./test-support/gateway-world";
import { startUpstream } from "./test-support/upstream";

afterAll(closeNotifications);

const PAIR = { appKey: "dinggatewayrepeats00", appSecret: "gateway-test-secret-MARKED" };
const no = (errcode: number, more: object = {}) => ({ json: { errcode, errmsg: "no", ...more } });
const APP_LIMIT = no(88, { sub_code: "90018", sub_msg: "no" });

const tokenOf = ({ url }: { url: string }) => new URL(url, "http://host").searchParams.get("access_token");

describe("tokens that DingTalk rejects", () => {
  test.each([
    ["user/get", [no(40014), {}]],
    ["user/get", [no(88, { sub_code: "42001" }), {}]],
    ["v1.0/x", [{ status: 400, json: { code: "InvalidAuthentication", message: "no" } }, { json: {} }]],
  ] as const)("renews the rejected token and sends the call once more: %s", async (path, replies) => {
    const upstream = await startUpstream(...replies);
    const { bearer } = await makeGatewayApp(PAIR);
    const answer = await gatewayOn(upstream.dingtalk).ask({
      path,
      method: "POST",
      headers: bearer,
      body: "{}",
    });
    expect(answer.status).toBe(200);
    const tokens = upstream
      .received()
      .map((one) => tokenOf(one) ?? one.headers["x-acs-dingtalk-access-token"]);
    expect(tokens).toEqual(["real-token-1", "real-token-2"]);
    expect(upstream.received().map(({ body }) => body)).toEqual(["{}", "{}"]);
  });

  test("does not renew a token that is rejected twice, and passes the error on", async () => {
    const upstream = await startUpstream(no(40014));
    const { bearer } = await makeGatewayApp(PAIR);
    const answer = await gatewayOn(upstream.dingtalk).ask({ path: "user/get", headers: bearer });
    expect(await answer.json()).toEqual({ errcode: 40014, errmsg: "no" });
    expect(upstream.received()).toHaveLength(2);
  });

  test("renews the token for the next call if the body was streamed, and passes the error on", async () => {
    const upstream = await startUpstream(no(40014), {});
    const { bearer } = await makeGatewayApp(PAIR);
    const { ask } = gatewayOn(upstream.dingtalk);
    const big = new Uint8Array(1_048_577).fill(97);
    const answer = await ask({ path: "media/upload", method: "POST", headers: bearer, body: big });
    expect(await answer.json()).toMatchObject({ errcode: 40014 });
    expect(upstream.received().map(({ body }) => body.length)).toEqual([big.length]);
    await expect.poll(() => upstream.tokens()).toBe(2);
    const usedNext = async () => {
      await ask({ path: "user/get", headers: bearer });
      return upstream.received().map(tokenOf).at(-1);
    };
    await expect.poll(usedNext).toBe("real-token-2");
  });
});

describe("throttled calls", () => {
  test("does not send a throttled call again if its key is revoked while it waits", async () => {
    const upstream = await startUpstream((_incoming, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      void revoke().then(() => response.end(JSON.stringify(APP_LIMIT.json)));
    }, {});
    const { bearer, revoke } = await makeGatewayApp(PAIR);
    const answer = await gatewayOn(upstream.dingtalk).ask({
      path: "user/get",
      headers: { ...bearer, prefer: "wait=5" },
    });
    expect({ status: answer.status, received: upstream.received().length }).toEqual({
      status: 401,
      received: 1,
    });
  });

  test("sends a throttled call again if its caller accepts to wait", async () => {
    const upstream = await startUpstream(APP_LIMIT, {});
    const { bearer } = await makeGatewayApp(PAIR);
    const { ask } = gatewayOn(upstream.dingtalk);
    const answer = await ask({ path: "user/get", headers: { ...bearer, prefer: "respond-async, wait=5" } });
    expect({ status: answer.status, body: await answer.json() }).toMatchObject({
      status: 200,
      body: { errcode: 0 },
    });
    expect(upstream.received()).toHaveLength(2);
  });

  test.each([
    ["user/get", APP_LIMIT, "1", { errcode: 88, sub_code: "90018" }],
    [
      "v1.0/x",
      { status: 403, json: { code: "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi", message: "no" } },
      "1",
      { message: "no" },
    ],
    ["user/get", { json: { status: 1111, wait: 5, source: "x5" } }, "300", { status: 1111 }],
  ])(
    "returns 429 with Retry-After and DingTalk's body if the caller of a throttled call doesn't wait: %s",
    async (path, reply, retryAfter, body) => {
      const upstream = await startUpstream(reply);
      const { bearer } = await makeGatewayApp(PAIR);
      const answer = await gatewayOn(upstream.dingtalk).ask({ path, headers: bearer });
      expect(answer.status).toBe(429);
      expect(answer.headers.get("retry-after")).toBe(retryAfter);
      expect(await answer.json()).toMatchObject(body);
      expect(upstream.received().filter(({ url }) => url.slice(1).startsWith(path))).toHaveLength(1);
    },
  );

  test("sees no throttle in a file's content, by which a tenant could pause all others", async () => {
    const file = { "content-disposition": "attachment; filename=x.html" };
    const upstream = await startUpstream({ text: "<p>punish", headers: file }, {});
    const { bearer } = await makeGatewayApp(PAIR);
    const { ask } = gatewayOn(upstream.dingtalk);
    const answer = await ask({ path: "media/get", headers: bearer });
    expect({ status: answer.status, text: await answer.text() }).toEqual({ status: 200, text: "<p>punish" });
    expect((await ask({ path: "user/list", headers: bearer })).status).toBe(200);
  });

  test("sends no call while DingTalk bans this server's address, and returns when to retry", async () => {
    const ban = { json: { status: 1111 } };
    const upstream = await startUpstream(ban, ban, {});
    const { bearer } = await makeGatewayApp(PAIR);
    const { ask } = gatewayOn(upstream.dingtalk);
    await ask({ path: "user/get", headers: bearer });
    const answer = await ask({ path: "user/list", headers: bearer });
    expect({ status: answer.status, body: await answer.json() }).toMatchObject({
      status: 429,
      body: { code: "rate_limited", errcode: 90018 },
    });
    const seconds = Number(answer.headers.get("retry-after"));
    expect(seconds).toBeGreaterThan(200);
    expect(seconds).toBeLessThanOrEqual(300);
    expect(upstream.received().map(({ url }) => url.split("?")[0])).toEqual(["/user/get", "/gettoken"]);
  });

  test("pauses only one tenant's app, for at most a minute, if only that tenant's call seems banned", async () => {
    const page = { status: 200, text: "<html>x5sec</html>" };
    const upstream = await startUpstream(page, no(41001), {});
    const [one, other] = [
      await makeGatewayApp(PAIR),
      await makeGatewayApp({ ...PAIR, appKey: "dinggatewayrepeats01" }),
    ];
    const { ask } = gatewayOn(upstream.dingtalk);
    expect((await ask({ path: "user/get", headers: one.bearer })).status).toBe(429);
    expect((await ask({ path: "user/get", headers: other.bearer })).status).toBe(200);
    const next = await ask({ path: "user/list", headers: one.bearer });
    expect(next.status).toBe(429);
    const seconds = Number(next.headers.get("retry-after"));
    expect(seconds).toBeGreaterThan(50);
    expect(seconds).toBeLessThanOrEqual(60);
  });

  test("sees no ban in an error page that quotes the call's own path, query or body", async () => {
    const upstream = await startUpstream((_incoming, response) => {
      const { url = "", body = "" } = upstream.received().at(-1) ?? {};
      const text = `<html>no ${decodeURIComponent(url)} ${body}</html>`;
      response.writeHead(404, { "content-type": "text/html" }).end(text);
    });
    const { bearer } = await makeGatewayApp(PAIR);
    const { ask } = gatewayOn(upstream.dingtalk);
    const asked = [{ path: "q404/1111" }, { path: "q404?x=%70unish" }, { path: "q404", body: "x5sec" }];
    for (const { path, body } of asked) {
      const method = body === undefined ? "GET" : "POST";
      const answer = await ask({ path, method, headers: bearer, ...(body !== undefined && { body }) });
      expect(answer.status, path).toBe(404);
    }
    expect(upstream.received()).toHaveLength(3);
  });
});

test("a call is limited as interactive, under its AppKey and its API, regardless of IDs in its path", async () => {
  const turns: Turn[] = [];
  const upstream = await startUpstream({});
  const limiter = { take: async (turn: Turn) => void turns.push(turn), penalize: () => {} };
  const { bearer } = await makeGatewayApp(PAIR);
  const { ask } = gatewayOn({ ...upstream.dingtalk, limiter });
  const paths = ["topapi/v2/user/get/?x=1", "v1.0/contact/users/a1B2", "v1.0/contact/users/me"];
  for (const path of paths) await ask({ path, headers: bearer });
  const ofCalls = turns.filter(({ api }) => !api.endsWith("accessToken"));
  expect(ofCalls.map(({ limiterId, api }) => [limiterId, api])).toEqual(
    ["topapi/v2/user/get", "v1.0/contact/users/{}", "v1.0/contact/users/me"].map((api) => [PAIR.appKey, api]),
  );
  for (const { waitMs } of ofCalls) {
    // The default wait of a second. The clock is read twice, so some milliseconds may be missing.
    expect(waitMs).toBeLessThanOrEqual(1_000);
    expect(waitMs).toBeGreaterThan(900);
  }
  expect(ofCalls.map(({ priority = "interactive" }) => priority)).toEqual(paths.map(() => "interactive"));
});

describe("calls that are not repeated", () => {
  test("does not repeat a call after a broken connection, because DingTalk may have executed it", async () => {
    const upstream = await startUpstream((incoming) => incoming.socket.destroy());
    const { bearer } = await makeGatewayApp(PAIR);
    const headers = { ...bearer, prefer: "wait=30" };
    const answer = await gatewayOn(upstream.dingtalk).ask({
      path: "user/get",
      method: "POST",
      headers,
      body: "{}",
    });
    expect({ status: answer.status, body: await answer.json() }).toMatchObject({
      status: 502,
      body: { code: "upstream_failed", errcode: -1, dingtalk: { code: null } },
    });
    expect(upstream.received()).toHaveLength(1);
  });

  test("does not repeat a call after an HTTP error, and does not follow a redirect", async () => {
    const upstream = await startUpstream(
      { status: 503, text: "busy" },
      { status: 302, text: "", headers: { location: "http://127.0.0.1:1/?access_token=real-token-1" } },
    );
    const { bearer } = await makeGatewayApp(PAIR);
    const { ask } = gatewayOn(upstream.dingtalk);
    expect((await ask({ path: "user/get", headers: bearer })).status).toBe(503);
    const redirect = await ask({ path: "user/get", headers: bearer });
    expect({ status: redirect.status, location: redirect.headers.get("location") }).toEqual({
      status: 302,
      location: null,
    });
    expect(upstream.received()).toHaveLength(2);
  });
});
