import { afterAll, expect, test } from "vitest";
import { closeNotifications } from "@/lib/db/notifications";
import { gatewayOn, makeGatewayApp } from "./test-support/gateway-world";
import { TRICKS } from "./test-support/tricks";
import { startUpstream } from "./test-support/upstream";

afterAll(closeNotifications);

const PAIR = { appKey: "dinggatewayrules0000", appSecret: "gateway-test-secret-MARKED" };

test("S27 no path tricks the gateway into sending anything anywhere", async () => {
  expect(TRICKS.length).toBeGreaterThanOrEqual(40);
  const upstream = await startUpstream({});
  const { bearer } = await makeGatewayApp(PAIR);
  const { askRaw } = gatewayOn(upstream.way);
  for (const raw of TRICKS) {
    const answer = await askRaw(raw, { headers: bearer });
    expect({ status: answer.status, code: ((await answer.json()) as { code: string }).code }, raw).toEqual({
      status: 400,
      code: "path_malformed",
    });
  }
  expect({ heard: upstream.heard(), tokens: upstream.tokens() }).toEqual({ heard: [], tokens: 0 });
});

test("S28 no path gets credentials past the key", async () => {
  const upstream = await startUpstream({});
  const { bearer } = await makeGatewayApp(PAIR);
  const { ask } = gatewayOn(upstream.way);
  const paths = [
    "v1.0/oauth2/userAccessToken",
    "get_jsapi_ticket",
    "service/get_corp_token",
    "sns/gettoken",
    "GETTOKEN",
  ];
  for (const path of paths) {
    const answer = await ask({ path, method: "POST", headers: bearer });
    expect({ status: answer.status, body: await answer.json() }, path).toMatchObject({
      status: 403,
      body: { code: "path_refused" },
    });
  }
  expect({ heard: upstream.heard(), tokens: upstream.tokens() }).toEqual({ heard: [], tokens: 0 });
});

test("S29 only listed headers go up and come back", async () => {
  const upstream = await startUpstream({
    json: { errcode: 0, said: "real-token-1" },
    headers: {
      "set-cookie": "a=b",
      "x-acs-request-id": "r1",
      "x-acs-trace-id": "real-token-1",
      "x-internal": "1",
      "keep-alive": "timeout=1",
      server: "x",
      etag: '"1"',
    },
  });
  const { bearer } = await makeGatewayApp(PAIR);
  const answer = await gatewayOn(upstream.way).ask({
    path: "user/get",
    method: "POST",
    headers: {
      ...bearer,
      "content-type": "text/x",
      "accept-language": "zh",
      "user-agent": "erp",
      cookie: "session=1",
      "x-acs-version": "1",
      connection: "close, X-Acs-Version",
      te: "trailers",
      upgrade: "h2c",
      "x-forwarded-for": "1.1.1.1",
      "x-http-method-override": "DELETE",
      "proxy-authorization": "Basic x",
      "x-anything": "1",
    },
    body: "x",
  });
  const { host, ...headers } = upstream.heard()[0]?.headers ?? {};
  expect(headers).toEqual({
    "accept-language": "zh",
    connection: "keep-alive",
    "content-length": "1",
    "content-type": "text/x",
    "user-agent": "erp",
  });
  expect(upstream.url).toContain(host);
  expect([...answer.headers.keys()].sort()).toEqual([
    "cache-control",
    "content-length",
    "content-type",
    "etag",
    "ratelimit",
    "ratelimit-policy",
    "vary",
    "x-acs-request-id",
    "x-request-id",
  ]);
  expect(await answer.text()).not.toContain("real-token-1");
});
