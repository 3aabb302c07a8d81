import type { ServerResponse } from "node:http";
import { afterAll, describe, expect, test } from "vitest";
import { closeNotifications } from "@/lib/db/notifications";
import { WaitingRequests } from "@/lib/limits/waiting-requests";
import { makeApp } from "@/lib/testing/factories";
import { type GatewayCall, onCall } from "./report";
import { gatewayOn, makeGatewayApp, makeGatewayKey } from "./test-support/gateway-world";
import { startUpstream } from "./test-support/upstream";

afterAll(closeNotifications);

const PAIR = { appKey: "dinggateway000000000", appSecret: "gateway-test-secret-MARKED" };
const no = (errcode: number, more: object = {}) => ({ json: { errcode, errmsg: "no", ...more } });
const JSON_BODY = { "content-type": "application/json" };

describe("calls with an API key", () => {
  test("sends the call to the host of its path with the app's token, and returns the answer unchanged", async () => {
    const upstream = await startUpstream(
      { json: { errcode: 0, errmsg: "ok", result: [1] }, headers: { "x-acs-trace-id": "t1" } },
      { status: 404, json: { code: "invalidParameter.user.notFound", message: "no", requestid: "r1" } },
    );
    const { bearer } = await makeGatewayApp(PAIR);
    const { ask } = gatewayOn(upstream.dingtalk);
    const oapi = await ask({
      path: "topapi/v2/department/listsub/?a=%2f&b=",
      method: "POST",
      headers: { ...bearer, ...JSON_BODY },
      body: '{"dept_id": 1}',
    });
    expect({ status: oapi.status, text: await oapi.text() }).toEqual({
      status: 200,
      text: '{"errcode":0,"errmsg":"ok","result":[1]}',
    });
    expect(oapi.headers.get("x-acs-trace-id")).toBe("t1");
    const api = await ask({ path: "v1.0/contact/users/a%20b", headers: bearer });
    expect({ status: api.status, body: await api.json() }).toMatchObject({
      status: 404,
      body: { requestid: "r1" },
    });
    const [first, second] = upstream.received();
    expect(first).toMatchObject({
      method: "POST",
      url: "/topapi/v2/department/listsub/?access_token=real-token-1&a=%2f&b=",
      body: '{"dept_id": 1}',
    });
    expect(second).toMatchObject({ method: "GET", url: "/v1.0/contact/users/a%20b" });
    expect(second?.headers["x-acs-dingtalk-access-token"]).toBe("real-token-1");
  });

  test("a call must name its app if the key may use several, and reaches no other app", async () => {
    const upstream = await startUpstream({});
    const { organization, app, bearer } = await makeGatewayApp(PAIR);
    const second = await makeApp({ ...PAIR, appKey: "dinggateway000000002" }, organization);
    const stranger = await makeGatewayApp(PAIR);
    const narrow = await makeGatewayKey(organization, { appIds: [second.appId] });
    const { ask } = gatewayOn(upstream.dingtalk);
    const named = (headers: object, appId: string) =>
      ask({ path: "user/get", headers: { ...headers, "dingkeep-app": appId } });
    const statuses = await Promise.all([
      ask({ path: "user/get", headers: bearer }),
      named(bearer, app.appId),
      named(bearer, stranger.app.appId),
      named(bearer, "no id"),
      named(narrow.bearer, app.appId),
      ask({ path: "user/get", headers: narrow.bearer }),
      named(bearer, PAIR.appKey),
      named(narrow.bearer, PAIR.appKey),
    ]);
    expect(statuses.map(({ status }) => status)).toEqual([422, 200, 404, 404, 404, 200, 200, 404]);
    expect(await statuses[0]?.json()).toMatchObject({ code: "invalid_input", detail: "dingkeep-app" });
    expect(upstream.received()).toHaveLength(3);
  });

  test("a call needs a scope for its method and a path within the key's prefixes", async () => {
    const upstream = await startUpstream({});
    const { organization } = await makeGatewayApp(PAIR);
    const { ask } = gatewayOn(upstream.dingtalk);
    const statusOf = async (more: object, method: string, path: string) => {
      const { bearer } = await makeGatewayKey(organization, more);
      const { status, headers } = await ask({ path, method, headers: bearer });
      expect(headers.get("cache-control")).toBe("no-store");
      return status;
    };
    const reads = { scopes: ["gateway:read"] };
    const cases = [
      [reads, "GET", "user/get", 200],
      [reads, "HEAD", "user/get", 200],
      [reads, "POST", "topapi/v2/user/get", 200],
      [reads, "POST", "topapi/v2/user/get/", 200],
      [reads, "POST", "topapi/v2/user/create", 403],
      [reads, "POST", "topapi/v2/user/GET", 403],
      [reads, "PUT", "topapi/v2/user/get", 403],
      [reads, "DELETE", "v1.0/x", 403],
      [reads, "GET", "user/delete", 403],
      [reads, "GET", "user/delete;x", 403],
      [{ scopes: ["gateway:write"] }, "POST", "topapi/v2/user/create", 200],
      [{ scopes: ["gateway:write"] }, "GET", "user/get", 200],
      [{ scopes: ["apps:read", "token:read"] }, "GET", "user/get", 403],
      [{ pathPrefixes: ["topapi/v2/user/"] }, "POST", "topapi/v2/user/create", 200],
      [{ pathPrefixes: ["topapi/v2/user/"] }, "POST", "topapi/v2/us%65r/create", 200],
      [{ pathPrefixes: ["topapi/v2/user/"] }, "POST", "topapi/v2/department/create", 403],
      [{ pathPrefixes: ["topapi/v2/user/"] }, "POST", "v1.0/x/topapi/v2/user/create", 403],
    ] as const;
    for (const [more, method, path, status] of cases) {
      expect(await statusOf(more, method, path), `${JSON.stringify(more)} ${method} ${path}`).toBe(status);
    }
    expect(upstream.received()).toHaveLength(cases.filter(([, , , status]) => status === 200).length);
  });

  test("returns a refusal as a problem document with the fields that DingTalk's clients read", async () => {
    const { bearer } = await makeGatewayApp(PAIR, { scopes: ["token:read"] });
    const { ask } = gatewayOn((await startUpstream({})).dingtalk);
    const answer = await ask({ path: "user/get", headers: { ...bearer, "accept-language": "zh-CN" } });
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(await answer.json()).toMatchObject({
      status: 403,
      code: "forbidden",
      detail: "gateway:read",
      errcode: 60011,
      errmsg: expect.stringMatching(/密钥.*gateway:read/),
      requestId: answer.headers.get("x-request-id"),
    });
  });
});

test("each finished call is reported to the listeners without its query", async () => {
  const received: GatewayCall[] = [];
  onCall((call) => received.push(call));
  const upstream = await startUpstream(no(40014), {
    json: { errcode: 60121, errmsg: "no", request_id: "r9" },
  });
  const { app, bearer, keyId } = await makeGatewayApp(PAIR);
  const { ask } = gatewayOn(upstream.dingtalk);
  await ask({ path: "topapi/v2/user/get?userid=personal", method: "POST", headers: bearer, body: "12345" });
  await ask({ path: "v1.0/oauth2/x", headers: bearer });
  expect(received).toEqual([
    {
      ...app,
      keyId,
      at: expect.any(Date),
      method: "POST",
      path: "topapi/v2/user/get",
      host: "oapi",
      status: 200,
      errcode: "60121",
      attempts: 2,
      throttles: 0,
      ms: expect.any(Number),
      bytesIn: 5,
      bytesOut: 49,
      requestId: "r9",
      outcome: "dingtalk_refused",
    },
  ]);
});

test("a long answer is streamed, and its reader notices truncation", async () => {
  const part = "x".repeat(100_000);
  const upstream = await startUpstream(
    (_incoming, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.write(`{"errcode":0,"said":"${part}`, () => setImmediate(() => response.end(`${part}"}`)));
    },
    (_incoming, response) => {
      response.writeHead(200, { "content-type": "application/json", "content-length": "300000" });
      response.write(`{"errcode":0,"said":"${part}`, () => response.socket?.destroy());
    },
  );
  const { bearer } = await makeGatewayApp(PAIR);
  const { ask } = gatewayOn(upstream.dingtalk);
  const whole = await ask({ path: "user/get", headers: bearer });
  expect(await whole.json()).toEqual({ errcode: 0, said: part + part });
  const cut = await ask({ path: "user/get", headers: bearer });
  expect(cut.headers.get("content-length")).toBe("300000");
  await expect(cut.text()).rejects.toThrow();
});

test("S30 a caller who stops reading an answer is disconnected, and DingTalk's connection is closed", async () => {
  const closed = Promise.withResolvers<void>();
  const upstream = await startUpstream((_incoming, response) => {
    response.on("close", closed.resolve);
    response.writeHead(200, { "content-type": "application/octet-stream" });
    const more = () => void (response.destroyed || response.write(Buffer.alloc(1_000_000), more));
    more();
  });
  const received: GatewayCall[] = [];
  const { bearer, keyId } = await makeGatewayApp(PAIR);
  onCall((call) => void (call.keyId === keyId && received.push(call)));
  const { ask } = gatewayOn(upstream.dingtalk, { stalledAfterMs: 20 });
  const answer = await ask({ path: "media/get", headers: bearer });
  await closed.promise;
  await expect.poll(() => received.map(({ outcome }) => outcome)).toEqual(["left"]);
  await expect(answer.arrayBuffer()).rejects.toThrow();
});

test("S30 a caller who disconnects before the first byte frees the call's place and DingTalk's connection", async () => {
  const closed = Promise.withResolvers<void>();
  const upstream = await startUpstream((_incoming, response) => {
    response.on("close", closed.resolve);
    response.writeHead(200, { "content-type": "application/octet-stream" });
    response.write("begun");
  });
  const received: GatewayCall[] = [];
  const { bearer, keyId } = await makeGatewayApp(PAIR);
  onCall((call) => void (call.keyId === keyId && received.push(call)));
  const activeCalls = new WaitingRequests({ ofKey: 1, ofAll: 1 });
  const { ask } = gatewayOn(upstream.dingtalk, { activeCalls });
  const answer = await ask({ path: "media/get", headers: bearer });
  expect(activeCalls.count).toBe(1);
  await answer.body?.cancel();
  await closed.promise;
  await expect.poll(() => activeCalls.count).toBe(0);
  expect(received).toMatchObject([{ outcome: "left" }]);
});

test("S30 the active calls of an organization and of all are limited, and a finished call frees its place", async () => {
  const begun: ServerResponse[] = [];
  const upstream = await startUpstream((_incoming, response) => void begun.push(response));
  const [one, other] = [await makeGatewayApp(PAIR), await makeGatewayApp(PAIR)];
  const activeCalls = new WaitingRequests({ ofKey: 2, ofAll: 3 });
  const { ask } = gatewayOn(upstream.dingtalk, { activeCalls });
  const call = ({ bearer }: typeof one, path: string) => ask({ path, headers: bearer });
  const calls = [call(one, "a/b"), call(one, "v1.0/c")];
  await expect.poll(() => begun).toHaveLength(2);
  expect((await call(one, "a/d")).status).toBe(429);
  calls.push(call(other, "a/e"));
  await expect.poll(() => begun).toHaveLength(3);
  expect((await call(await makeGatewayApp(PAIR), "a/f")).status).toBe(503);

  for (const response of begun) response.end("x".repeat(10));
  for (const answer of await Promise.all(calls)) expect(await answer.text()).toHaveLength(10);
  await expect.poll(() => activeCalls.count).toBe(0);
});

test("S30 one organization occupies at most half of the gateway's places, so others can still call", async () => {
  const begun: ServerResponse[] = [];
  const upstream = await startUpstream((_incoming, response) => void begun.push(response));
  const [one, other] = [await makeGatewayApp(PAIR), await makeGatewayApp(PAIR)];
  const { ask } = gatewayOn(upstream.dingtalk, {
    activeCalls: new WaitingRequests({ ofKey: 100, ofAll: 4 }),
  });
  const call = ({ bearer }: typeof one, path: string) => ask({ path, headers: bearer });
  const calls = [call(one, "a/b"), call(one, "a/c")];
  await expect.poll(() => begun).toHaveLength(2);
  const refused = await call(one, "a/d");
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "5"]);
  calls.push(call(other, "a/e"));
  await expect.poll(() => begun).toHaveLength(3);
  for (const response of begun) response.end("answer");
  for (const answer of await Promise.all(calls)) expect(answer.status).toBe(200);
});
