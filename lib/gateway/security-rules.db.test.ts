import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { closeNotifications } from "@/lib/db/notifications";
import { type GatewayCall, onCall } from "./report";
import { gatewayOn, makeGatewayApp } from "./test-support/gateway-world";
import { TRICKS } from "./test-support/tricks";
import { startUpstream } from "./test-support/upstream";

afterAll(closeNotifications);

const PAIR = { appKey: "dinggatewayrules0000", appSecret: "gateway-test-secret-MARKED" };

test("S27 refuses malformed paths, and sends nothing", async () => {
  expect(TRICKS.length).toBeGreaterThanOrEqual(40);
  const upstream = await startUpstream({});
  const { bearer } = await makeGatewayApp(PAIR);
  const { askRaw } = gatewayOn(upstream.dingtalk);
  for (const raw of TRICKS) {
    const answer = await askRaw(raw, { headers: bearer });
    expect({ status: answer.status, code: ((await answer.json()) as { code: string }).code }, raw).toEqual({
      status: 400,
      code: "path_malformed",
    });
  }
  expect({ received: upstream.received(), tokens: upstream.tokens() }).toEqual({ received: [], tokens: 0 });
});

test("S28 refuses paths that return credentials", async () => {
  const upstream = await startUpstream({});
  const { bearer } = await makeGatewayApp(PAIR);
  const { ask } = gatewayOn(upstream.dingtalk);
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
  expect({ received: upstream.received(), tokens: upstream.tokens() }).toEqual({ received: [], tokens: 0 });
});

test("S29 sends and returns only listed headers", async () => {
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
  const answer = await gatewayOn(upstream.dingtalk).ask({
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
  const { host, ...headers } = upstream.received()[0]?.headers ?? {};
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

describe("S29 tokens that DingTalk quotes", () => {
  const QUOTE = "said real-token-1 and real-token-1";
  const HIDDEN = "said xxxxxxxxxxxx and xxxxxxxxxxxx";
  const JSON_TYPE = "application/json";
  const long = `{"errcode":0,"said":"${"a".repeat(65_530)}${QUOTE}${"b".repeat(70_000)}"}`;

  test.each([
    ["short answer", JSON_TYPE, `{"errcode":0,"said":"${QUOTE}"}`],
    ["streamed answer", JSON_TYPE, long],
    ["plain text answer", "text/plain", QUOTE],
    ["binary answer that consists of the token", "application/octet-stream", "real-token-1"],
    ["text that ends with the start of a token", "text/plain", `${QUOTE} real-to`],
  ])("hides a quoted token in a %s", async (_, type, text) => {
    const { ask, bearer } = await quoting({ "content-type": type }, Buffer.from(text));
    const answer = await ask({ path: "user/get", headers: bearer });
    expect(await answer.text()).toBe(text.replaceAll("real-token-1", "x".repeat(12)));
  });

  test("hides a quoted token in a compressed answer, which the gateway never requests", async () => {
    for (const text of [`{"errcode":0,"said":"${QUOTE}"}`, long]) {
      const packed = gzipSync(text);
      const head = { "content-type": JSON_TYPE, "content-encoding": "gzip" };
      const { ask, bearer, upstream } = await quoting(head, packed);
      const answer = await ask({ path: "user/get", headers: { ...bearer, "accept-encoding": "gzip" } });
      expect(await answer.text()).toBe(text.replaceAll(QUOTE, HIDDEN));
      expect(answer.headers.get("content-encoding")).toBeNull();
      expect(upstream.received()[0]?.headers["accept-encoding"]).toBeUndefined();
    }
  });

  test("refuses an answer with an unknown encoding, which could hide a token", async () => {
    const head = { "content-type": JSON_TYPE, "content-encoding": "zstd" };
    const { ask, bearer } = await quoting(head, Buffer.from(QUOTE));
    const answer = await ask({ path: "user/get", headers: bearer });
    expect({ status: answer.status, text: await answer.text() }).toMatchObject({
      status: 502,
      text: expect.not.stringContaining("real-token"),
    });
  });

  test("hides a quoted token that spans two chunks", async () => {
    const upstream = await startUpstream((_incoming, response) => {
      response.writeHead(200, { "content-type": "text/plain" });
      response.write("said real-", () => setImmediate(() => response.end("token-1 real-to")));
    });
    const { bearer } = await makeGatewayApp(PAIR);
    const answer = await gatewayOn(upstream.dingtalk).ask({ path: "user/get", headers: bearer });
    expect(await answer.text()).toBe("said xxxxxxxxxxxx real-to");
  });

  test("hides a quoted token in the request ID header, for the caller and the log", async () => {
    const received: GatewayCall[] = [];
    const head = { "content-type": "text/plain", "x-acs-request-id": "id-real-token-1" };
    const { ask, bearer, keyId } = await quoting(head, Buffer.from("x"));
    onCall((call) => void (call.keyId === keyId && received.push(call)));
    const answer = await ask({ path: "user/get", headers: bearer });
    await answer.text();
    expect(answer.headers.get("x-acs-request-id")).toBeNull();
    await expect.poll(() => received.map(({ requestId }) => requestId)).toEqual(["id-[redacted]"]);
  });

  test("hides a quoted token in the request ID of a body", async () => {
    const received: GatewayCall[] = [];
    const body = Buffer.from('{"errcode":0,"request_id":"real-token-1"}');
    const { ask, bearer, keyId } = await quoting({ "content-type": JSON_TYPE }, body);
    onCall((call) => void (call.keyId === keyId && received.push(call)));
    await ask({ path: "user/get", headers: bearer });
    expect(received.map(({ requestId }) => requestId)).toEqual(["[redacted]"]);
  });

  async function quoting(head: Record<string, string>, body: Buffer) {
    const upstream = await startUpstream(
      (_incoming, response) => void response.writeHead(200, head).end(body),
    );
    const { bearer, keyId } = await makeGatewayApp(PAIR);
    return { upstream, bearer, keyId, ...gatewayOn(upstream.dingtalk) };
  }
});
