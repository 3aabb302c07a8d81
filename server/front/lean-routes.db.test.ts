import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeApp } from "@/lib/testing/factories";
import { makeService } from "@/lib/testing/service";
import { tokenTests } from "@/lib/testing/token-tests";
import { answerLean } from "./lean-routes";

const { pair, simulator } = tokenTests("lean");
const server = createServer((request, response) => {
  void answerLean(request, response).then((isAnswered) => isAnswered || response.writeHead(299).end());
});
let base = "";
beforeAll(async () => {
  Object.assign(process.env, { DINGTALK_OAPI_URL: simulator.url, DINGTALK_API_URL: simulator.url });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/apps`;
});
afterAll(() => server.close());

type Sent = Pick<RequestInit, "method" | "signal"> & { readonly headers?: Readonly<Record<string, string>> };

async function makeReader() {
  const service = await makeService();
  const { appId } = await makeApp(pair, service.organization);
  const get = (path: string, more: Sent = {}) =>
    fetch(`${base}/${path}`, {
      ...more,
      headers: { authorization: `Bearer ${service.key}`, ...more.headers },
    });
  return { appId, get };
}

test("answers tokens and departments before Next, with all headers of their routes", async () => {
  const { appId, get } = await makeReader();
  const token = await get(`${appId}/token`);
  expect(await token.json()).toMatchObject({ version: 1, accessToken: expect.any(String) });
  expect(Object.fromEntries(token.headers)).toMatchObject({
    etag: '"1"',
    "content-type": "application/json",
    "ratelimit-policy": expect.stringContaining("w=60"),
    "x-request-id": expect.any(String),
  });
  expect((await get(`${appId}/token`, { headers: { "if-none-match": '"1"' } })).status).toBe(304);
  expect(await (await get(`${appId}/departments?limit=5`)).json()).toEqual({
    departments: [],
    nextCursor: null,
  });
  const wrong = await get(`${appId}/departments?limit=x`);
  expect([wrong.status, wrong.headers.get("content-type")]).toEqual([422, "application/problem+json"]);
  expect((await get(`${crypto.randomUUID()}/token`)).status).toBe(404);
});

test("leaves requests on other routes to Next", async () => {
  const { appId, get } = await makeReader();
  for (const path of [
    `${appId}/token/`,
    `${appId}/token/invalidate`,
    appId,
    `${appId}%2Ftoken`,
    `%61/token`,
    "x/y/token",
  ]) {
    expect((await get(path)).status, path).toBe(299);
  }
  expect((await get(`${appId}/token`, { method: "POST" })).status).toBe(299);
});

test("S30 frees the place of a client that disconnects while it waits", async () => {
  const { appId, get } = await makeReader();
  await get(`${appId}/token`);
  const leaving = new AbortController();
  const wait = (signal?: AbortSignal) => get(`${appId}/token?after=1&wait=1`, signal ? { signal } : {});
  const long = () => get(`${appId}/token?after=1&wait=30`, { signal: leaving.signal });
  const waits = Promise.allSettled(Array.from({ length: 100 }, long));
  await expect.poll(async () => (await wait()).status).toBe(429);
  leaving.abort();
  expect((await waits).every(({ status }) => status === "rejected")).toBe(true);
  await expect.poll(async () => (await wait()).status).toBe(200);
});
