import { beforeAll, describe, expect, test } from "vitest";
import type { AppRef } from "@/lib/app-ref";
import { isListening } from "@/lib/db/notifications";
import { inOrganization } from "@/lib/db/unit-of-work";
import { countConnections, countConnectionsOf } from "@/lib/testing/connections";
import { makeApp } from "@/lib/testing/factories";
import { makeService } from "@/lib/testing/service";
import { tokenTests } from "@/lib/testing/token-tests";
import { writeReads } from "@/lib/tokens/history/read-counts";
import { POST as sign } from "../jsapi-signature/route";
import { POST as invalidate } from "./invalidate/route";
import { GET } from "./route";

const { pair, simulator } = tokenTests("routes", { settings: { repeatedFetch: "new" } });
beforeAll(() => {
  Object.assign(process.env, { DINGTALK_OAPI_URL: simulator.url, DINGTALK_API_URL: simulator.url });
});

type Service = Awaited<ReturnType<typeof makeService>>;

async function makeReader(more: object = {}) {
  const service = await makeService(more);
  return { service, app: await makeApp(pair, service.organization) };
}

const read = (service: Service, { appId }: AppRef, query = "", headers = {}) =>
  service.call(GET, { params: { appId }, query, headers });

/** Waits until the process listens for renewals and answers without the database. */
async function untilListening(service: Service, app: AppRef): Promise<void> {
  await expect.poll(isListening).toBe(true);
  await expect.poll(() => countConnections(() => read(service, app))).toBe(0);
}

describe("GET token", () => {
  test("returns the token with its expiry and its version as ETag, and 304 for a matching version", async () => {
    const { service, app } = await makeReader();
    const { status, body, headers } = await read(service, app);
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        accessToken: expect.stringMatching(/\S{16,}/),
        expiresAt: expect.stringMatching(/Z$/),
        version: 1,
        changedAt: expect.stringMatching(/Z$/),
      },
    });
    expect(headers.get("etag")).toBe('"1"');
    expect(headers.get("cache-control")).toBe("private, no-cache");
    const again = await read(service, app, "", { "if-none-match": 'W/"1"' });
    expect([again.status, again.body, again.headers.get("etag")]).toEqual([304, null, '"1"']);
    expect((await read(service, app, "", { "if-none-match": '"0"' })).status).toBe(200);
  });

  test("reads no database for a valid token and a known key", async () => {
    const { service, app } = await makeReader({ requestsPerMinute: 60_000 });
    await read(service, app);
    const readOften = async () => {
      for (let reads = 0; reads < 100; reads += 1) expect((await read(service, app)).status).toBe(200);
    };
    // Now and then, a batch of the key's requests is reserved in the database.
    await expect.poll(() => countConnectionsOf(readOften)).toBeLessThan(3);
  });

  test("waits for a version newer than the client's", async () => {
    const { service, app } = await makeReader();
    await read(service, app);
    await untilListening(service, app);
    const waiting = read(service, app, "?after=1&wait=30");
    await service.call(invalidate, { params: { appId: app.appId }, body: { version: 1 } });
    expect(await waiting).toMatchObject({ status: 200, body: { version: 2 } });
    expect(await read(service, app, "?after=1")).toMatchObject({ body: { version: 2 } });
  });

  test("S12 returns no token to a key that was revoked during the wait", async () => {
    const { service, app } = await makeReader();
    await read(service, app);
    await untilListening(service, app);
    const waiting = read(service, app, "?after=1&wait=30");
    await service.revoke();
    const other = await makeService({}, service.organization);
    await expect.poll(async () => (await read(service, app)).status).toBe(401);
    await other.call(invalidate, { params: { appId: app.appId }, body: { version: 1 } });
    expect(await waiting).toMatchObject({ status: 401, body: { code: "unauthenticated" } });
  });

  test("S12 ends a wait as soon as its key is revoked", { timeout: 15_000 }, async () => {
    const { service, app } = await makeReader();
    await read(service, app);
    await untilListening(service, app);
    const waiting = read(service, app, "?after=1&wait=30");
    await service.revoke();
    expect(await waiting).toMatchObject({ status: 401, body: { code: "unauthenticated" } });
  });

  test("requires the scope, an app of the organization and a valid query", async () => {
    const { service, app } = await makeReader({ scopes: "apps:read" });
    expect(await read(service, app)).toMatchObject({ status: 403, body: { detail: "token:read" } });
    const stranger = await makeService();
    expect((await read(stranger, app)).status).toBe(404);
    const own = await makeService({}, service.organization);
    for (const query of ["?after=-1", "?wait=31&after=1", "?after=x", "?fresh=1"]) {
      expect((await read(own, app, query)).status, query).toBe(422);
    }
  });

  test("counts only successful reads of a token", async () => {
    const { service, app } = await makeReader();
    await read(service, app);
    await read(service, app, "", { "if-none-match": '"1"' });
    await read(service, app, "?wait=x");
    await writeReads();
    const { organizationId, appId } = app;
    const rows = await inOrganization(app, (tx) =>
      tx.tokenReadHour.findMany({ where: { organizationId, appId }, select: { reads: true } }),
    );
    expect(rows.reduce((sum, { reads }) => sum + reads, 0)).toBe(2);
  });

  test("returns 409 for the token of a disabled app", async () => {
    const { service, app } = await makeReader();
    const { organizationId, appId: id } = app;
    await inOrganization(app, (tx) =>
      tx.dingtalkApp.updateMany({ where: { organizationId, id }, data: { state: "disabled" } }),
    );
    expect(await read(service, app)).toMatchObject({
      status: 409,
      body: { code: "conflict", detail: "disabled" },
    });
  });

  test("returns DingTalk's own error message when no token is available", async () => {
    const { service, app } = await makeReader();
    simulator.control.addFault({ path: "*", fault: { kind: "status", status: 500 } });
    const { status, body } = await read(service, app);
    simulator.control.clearFaults();
    expect({ status, body }).toMatchObject({
      status: 502,
      body: { dingtalk: { message: expect.any(String) }, hint: expect.any(String) },
    });
  });
});

describe("POST invalidate", () => {
  test("renews the current version, and returns the current token for an older version", async () => {
    const { service, app } = await makeReader();
    const first = await read(service, app);
    const say = (version: number) =>
      service.call(invalidate, { params: { appId: app.appId }, body: { version } });
    const answer = await say(1);
    expect(answer).toMatchObject({ status: 200, body: { version: 2, changed: true } });
    expect(answer.body?.accessToken).not.toBe(first.body?.accessToken);
    expect(await say(1)).toMatchObject({ status: 200, body: { version: 2, changed: true } });
    const soon = await say(2);
    expect(soon).toMatchObject({ status: 429, body: { code: "rate_limited" } });
    expect(Number(soon.headers.get("retry-after"))).toBeGreaterThan(0);
  });
});

describe("a key's requests per minute", () => {
  test("returns rate limit headers on every answer, and 429 with Retry-After beyond the limit", async () => {
    const { service, app } = await makeReader({ requestsPerMinute: 2 });
    const left: (string | null)[] = [];
    let last = await read(service, app);
    for (let more = 0; more < 3 && last.status !== 429; more += 1) {
      left.push(last.headers.get("ratelimit"));
      last = await read(service, app);
    }
    expect(left[0]).toMatch(/^"key";r=[01];t=\d+$/);
    expect(last).toMatchObject({ status: 429, body: { code: "rate_limited" } });
    expect(last.headers.get("ratelimit-policy")).toBe('"key";q=2;w=60');
    expect(last.headers.get("ratelimit")).toMatch(/^"key";r=0;t=\d+$/);
    expect(last.headers.get("retry-after")).toMatch(/^[1-9]\d?$/);
  });
});

describe("POST jsapi-signature", () => {
  test("names a missing app field, refuses other origins, and otherwise returns the input of dd.config", async () => {
    const { service, app } = await makeReader();
    const { organizationId, appId } = app;
    const call = (query = "") =>
      service.call(sign, { params: { appId }, query, body: { url: "https://oa.example.com/a#b" } });
    const fill = (data: object) =>
      inOrganization(app, (tx) => tx.dingtalkApp.updateMany({ where: { organizationId, id: appId }, data }));
    expect(await call()).toMatchObject({ status: 409, body: { code: "conflict", detail: "corpId" } });
    await fill({ corpId: "dingcorp", agentId: "42" });
    expect(await call()).toMatchObject({
      status: 200,
      body: { corpId: "dingcorp", agentId: "42", signature: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    expect((await call("?hash=sha1")).body?.signature).toMatch(/^[0-9a-f]{40}$/);
    await fill({ jsapiOrigins: ["https://other.example.com"] });
    expect(await call()).toMatchObject({ status: 403, body: { code: "forbidden" } });
  });
});
