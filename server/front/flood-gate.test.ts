import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { rememberSession } from "@/lib/auth/known-sessions";
import { makeLeaseToken } from "@/lib/gateway/lease-token";
import { testEnvironment } from "@/lib/testing/environment";
import en from "@/messages/en.json";
import { type FloodClient, FloodGate } from "./flood-gate";

Object.assign(process.env, testEnvironment(), {
  DATABASE_URL: "postgres://127.0.0.1:1/none_test",
  NEXTAUTH_URL: "https://dingkeep.example",
});

const SESSION = { cookie: "__Host-dingkeep.session=flood-test" };
const PAGE = "/sign-in";
const HOLDER = {
  organizationId: crypto.randomUUID(),
  keyId: crypto.randomUUID(),
  appId: crypto.randomUUID(),
};

const clock = { nowMs: 0 };
/** Paths of admitted requests. */
let reached: string[] = [];
/** For each refused request, its path and the turn of the event loop. */
let refused: { readonly path: string; readonly turn: number }[] = [];
let turn = 0;
let asked = 0;
/** Ends each wait of 5 ms. The wait of 500 ms ends at once. */
let paused: (() => void)[] = [];
let server: Server;
let base = "";

const clientOf = ({ headers }: IncomingMessage): FloodClient => ({
  address: String(headers["x-from"] ?? "192.0.2.1"),
  isProxied: headers["x-proxied"] !== undefined,
});

beforeEach(async () => {
  [clock.nowMs, asked, reached, refused, paused] = [0, 0, [], [], []];
  const gate = new FloodGate(
    () => clock.nowMs,
    (ms) => (ms === 5 ? new Promise<void>((end) => paused.push(end)) : Promise.resolve()),
  );
  server = createServer((request, response) => {
    asked += 1;
    void gate.admit(request, response, clientOf(request)).then((isAdmitted) => {
      if (!isAdmitted) return void refused.push({ path: request.url ?? "", turn });
      reached.push(request.url ?? "");
      response.writeHead(request.url?.startsWith("/api/v1/limited") ? 429 : 200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => void server.close());

/**
 * Sends requests through a trusted proxy, whose requests are not delayed.
 *
 * @returns the number of answers per status
 */
async function sendMany(count: number, path: string, headers: Readonly<Record<string, string>> = {}) {
  const sent = Array.from({ length: count }, () =>
    fetch(base + path, { headers: { "x-proxied": "1", ...headers } }),
  );
  const statuses = (await Promise.all(sent)).map(({ status }) => status);
  return {
    passed: statuses.filter((status) => status === 200).length,
    refused: statuses.filter((status) => status === 429).length,
  };
}

describe("flood limits of an address", () => {
  test.each([
    ["pages", PAGE, 100, 10],
    ["machine requests", "/api/v1/apps", 500, 50],
    ["files", "/icon.svg", 1_000, 100],
  ])("limits %s that show no known session or key", async (_kind, path, burst, perSecond) => {
    expect(await sendMany(burst + 10, path)).toEqual({ passed: burst, refused: 10 });
    clock.nowMs += 1_000;
    expect(await sendMany(perSecond + 10, path)).toEqual({ passed: perSecond, refused: 10 });
  });

  test("limits an IPv6 /64 as one address, and no other address", async () => {
    await sendMany(100, PAGE, { "x-from": "2001:db8::1" });
    expect(await sendMany(1, PAGE, { "x-from": "2001:db8::2" })).toEqual({ passed: 0, refused: 1 });
    expect(await sendMany(1, PAGE, { "x-from": "2001:db8:0:1::1" })).toEqual({ passed: 1, refused: 0 });
  });

  test("does not limit signed-in people and services at the same address", async () => {
    rememberSession("flood-test");
    const lease = makeLeaseToken(HOLDER, Date.now()).reveal();
    await sendMany(100, PAGE);
    expect(await sendMany(50, "/o/abc", SESSION)).toEqual({ passed: 50, refused: 0 });
    expect(await sendMany(50, `/dingtalk/user/get?access_token=${lease}`)).toEqual({
      passed: 50,
      refused: 0,
    });
    expect(await sendMany(1, "/o/abc", { cookie: "__Host-dingkeep.session=forged" })).toMatchObject({
      refused: 1,
    });
    expect(await sendMany(1, "/dingtalk/user/get?access_token=dl_forged")).toMatchObject({ refused: 1 });
  });

  test("never makes a probe fail", async () => {
    await sendMany(100, PAGE);
    expect(await sendMany(10, "/healthz")).toEqual({ passed: 10, refused: 0 });
  });
});

test("after 20 ignored refusals, refuses a client on that path before any work, and on no other path", async () => {
  rememberSession("flood-test");
  await sendMany(20, "/api/v1/limited");
  expect(reached).toHaveLength(20);
  expect(await sendMany(5, "/api/v1/limited?x=1")).toEqual({ passed: 0, refused: 5 });
  expect(reached).toHaveLength(20);
  expect(await sendMany(1, "/api/v1/apps")).toMatchObject({ passed: 1 });
  clock.nowMs += 100;
  await sendMany(1, "/api/v1/limited");
  expect(reached.at(-1)).toBe("/api/v1/limited");
});

describe("refusals", () => {
  beforeEach(async () => {
    await sendMany(100, PAGE);
  });
  const ask = (path: string, headers: Readonly<Record<string, string>> = {}) =>
    fetch(base + path, { headers: { "x-proxied": "1", "accept-language": "en", ...headers } });

  test("tells a refused client when to retry, in the client's format", async () => {
    const problem = await ask("/api/v1/apps");
    expect(problem.headers.get("retry-after")).toBe("1");
    expect(problem.headers.get("content-type")).toBe("application/problem+json");
    expect(await problem.json()).toEqual({
      type: "urn:dingkeep:problem:rate_limited",
      title: en.api.problem.rate_limited,
      status: 429,
      code: "rate_limited",
    });
    expect(await (await ask("/dingtalk/user/get")).json()).toMatchObject({
      errcode: 90018,
      code: "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi",
    });
    expect(await (await ask(PAGE)).json()).toEqual({ code: "rate_limited" });
    const page = await ask(PAGE, { accept: "text/html" });
    expect(await page.text()).toContain("Too many requests at once");
    expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
  });

  test("closes a connection that sends more without waiting for the refusal", async () => {
    const { hostname, port } = new URL(base);
    const socket = connect(Number(port), hostname);
    socket.write(`GET ${PAGE} HTTP/1.1\r\nhost: x\r\n\r\n`.repeat(3));
    let received = "";
    socket.on("data", (chunk: Buffer) => {
      received += chunk.toString();
    });
    await once(socket, "close");
    expect(received).toBe("");
    expect(reached).toHaveLength(100);
  });

  test("sends refusals to a trusted proxy's clients one per turn of the event loop", async () => {
    let isOver = false;
    const count = () => {
      turn += 1;
      if (!isOver) setImmediate(count);
    };
    count();
    await sendMany(10, PAGE);
    isOver = true;
    expect(new Set(refused.slice(-10).map((one) => one.turn)).size).toBe(10);
  });

  test("sends delayed refusals 5 ms apart, and clients take turns", async () => {
    const send = (path: string, from: string) => fetch(base + path, { headers: { "x-from": from } });
    await sendMany(100, PAGE, { "x-from": "192.0.2.2" });
    const answers = ["a", "b", "c"].map((name) => send(`${PAGE}?${name}`, "192.0.2.1"));
    await expect.poll(() => paused.length).toBe(1);
    answers.push(send(`${PAGE}?d`, "192.0.2.2"));
    await expect.poll(() => asked).toBe(204);
    const refusedBefore = refused.length;
    for (let count = 1; count <= answers.length; count += 1) {
      await expect.poll(() => paused.length).toBe(count);
      expect(refused).toHaveLength(refusedBefore + count - 1);
      paused.at(-1)?.();
    }
    await Promise.all(answers);
    expect(refused.at(-2)?.path).toBe(`${PAGE}?d`);
  });

  test("keeps the connection of a client that waits for its refusal open", async () => {
    const { hostname, port } = new URL(base);
    const socket = connect(Number(port), hostname);
    socket.write(`GET ${PAGE} HTTP/1.1\r\nhost: x\r\n\r\n`);
    await expect.poll(() => paused.length).toBe(1);
    paused[0]?.();
    const [answer] = (await once(socket, "data")) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 429 [^]*connection: keep-alive/i);
    socket.destroy();
  });
});
