import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { closeNotifications } from "@/lib/db/notifications";
import { makeApp } from "@/lib/testing/factories";
import { makeService } from "@/lib/testing/service";
import { type Simulator, startSimulator } from "@/simulator/start-simulator";
import { DELETE, GET as getOne, PATCH } from "./[appId]/route";
import { GET, POST } from "./route";

const CORP = "dingcorpofroutes";
let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({
    organizations: [{ corpId: CORP, size: 3 }],
    limits: { appApiPerSecond: null, suiteCorpApiPerSecond: null },
  });
  Object.assign(process.env, { DINGTALK_OAPI_URL: simulator.url, DINGTALK_API_URL: simulator.url });
});
afterAll(async () => {
  await simulator.close();
  await closeNotifications();
});

/** Returns a request body whose credentials the simulator accepts. */
function makeBody(kind: "internal" | "unified" | "isv" = "internal") {
  const id = crypto.randomUUID().slice(0, 8);
  const [key, secret, suiteTicket] = [`ding${id}`, `secret-of-${id}-xyz`, `ticket-of-${id}`];
  const isSuite = kind === "isv";
  const app = { appKey: key, appSecret: secret, corpId: CORP, suiteTicket };
  simulator.control.addApp({ ...app, kind: isSuite ? "isv" : "internal" });
  if (isSuite)
    return { kind, name: "HR", suiteKey: key, suiteSecret: secret, suiteTicket, corpId: CORP, key };
  const pair = { kind, name: "HR", appKey: key, appSecret: secret, key };
  return kind === "unified" ? { ...pair, corpId: CORP } : pair;
}

async function connect(service: Awaited<ReturnType<typeof makeService>>, more: object = {}) {
  const { key, ...body } = makeBody();
  const { body: app } = await service.call(POST, { body: { ...body, ...more } });
  return { appId: String(app?.id), appKey: key };
}

describe("POST apps", () => {
  test.each(["internal", "unified", "isv"] as const)(
    "connects an app of kind %s, which can then be read",
    async (kind) => {
      const service = await makeService();
      const { key, ...body } = makeBody(kind);
      const made = await service.call(POST, { body });
      expect(made).toMatchObject({
        status: 201,
        body: { kind, name: "HR", appKey: key, state: "verified", stateReason: null },
      });
      expect(JSON.stringify(made.body)).not.toContain("secret-of-");
      const params = { appId: String(made.body?.id) };
      expect((await service.call(getOne, { params })).body).toEqual(made.body);
      expect((await service.call(GET)).body).toEqual({ apps: [made.body] });
    },
  );

  test("tests the credentials: a wrong secret gets 422 with DingTalk's message and a hint, and stores nothing", async () => {
    const service = await makeService();
    const { key: _, ...body } = makeBody();
    const { status, body: problem } = await service.call(POST, {
      body: { ...body, appSecret: "wrong" },
      headers: { "accept-language": "zh-CN" },
    });
    expect({ status, problem }).toMatchObject({
      status: 422,
      problem: { code: "not_verified", detail: "credentials", dingtalk: { message: expect.any(String) } },
    });
    expect(problem?.hint).toMatch(/[一-鿿]/);
    expect((await service.call(GET)).body).toEqual({ apps: [] });
  });

  test("refuses to connect an app twice", async () => {
    const service = await makeService();
    const { key: _, ...body } = makeBody();
    await service.call(POST, { body });
    expect(await service.call(POST, { body })).toMatchObject({ status: 409, body: { code: "conflict" } });
  });

  test("connects an app once per Idempotency-Key", async () => {
    const service = await makeService();
    const { key: _, ...body } = makeBody();
    const headers = { "idempotency-key": "one" };
    const first = await service.call(POST, { body, headers });
    const second = await service.call(POST, { body, headers });
    expect(second).toMatchObject({ status: 201, body: first.body });
    expect(second.headers.get("idempotency-replayed")).toBe("true");
    const other = await service.call(POST, { body: { ...body, name: "other" }, headers });
    expect(other).toMatchObject({ status: 422, body: { code: "repeated_differently" } });
  });

  test("refuses a key for some apps only, which could not access the new app", async () => {
    const { organization } = await makeService();
    const { appId } = await makeApp({ appKey: "k", appSecret: "s" }, organization);
    const some = await makeService({ apps: appId }, organization);
    const { key: _, ...body } = makeBody();
    expect(await some.call(POST, { body })).toMatchObject({ status: 403, body: { detail: "apps" } });
  });
});

describe("PATCH and DELETE app", () => {
  test("changes only the given fields of an app", async () => {
    const service = await makeService();
    const { appId } = await connect(service, { agentId: "42" });
    const params = { appId };
    const body = {
      name: "人事",
      callsPerSecond: 40,
      callsPerMonth: 10_000,
      jsapiOrigins: ["https://oa.example.com"],
    };
    expect(await service.call(PATCH, { params, body })).toMatchObject({
      status: 200,
      body: { ...body, agentId: "42", syncEveryHours: 6 },
    });
    const wrong = await service.call(PATCH, { params, body: { jsapiOrigins: ["http://x"] } });
    expect(wrong).toMatchObject({ status: 422, body: { code: "invalid_input" } });
    const none = await service.call(PATCH, { params, body: { callsPerMonth: 0 } });
    expect(none).toMatchObject({ status: 422, body: { errors: [{ path: "body.callsPerMonth" }] } });
    const ticket = await service.call(PATCH, { params, body: { suiteTicket: "of a third-party app" } });
    expect(ticket).toMatchObject({ status: 409, body: { code: "conflict", detail: "suiteTicket" } });
  });

  test("replaces the secret after a passed test, and changes nothing after a failed one", async () => {
    const service = await makeService();
    const { appId, appKey } = await connect(service);
    const params = { appId };
    const body = { name: "renamed", appSecret: "the-next-secret" };
    expect(await service.call(PATCH, { params, body })).toMatchObject({
      status: 422,
      body: { code: "not_verified" },
    });
    expect((await service.call(getOne, { params })).body).toMatchObject({ name: "HR" });
    simulator.control.changeApp(appKey, { appSecret: "the-new-secret" });
    const next = await service.call(PATCH, { params, body: { ...body, appSecret: "the-new-secret" } });
    expect(next).toMatchObject({ status: 200, body: { name: "renamed", state: "verified" } });
  });

  test("deletes an app", async () => {
    const service = await makeService();
    const params = { appId: (await connect(service)).appId };
    expect(await service.call(DELETE, { params })).toMatchObject({ status: 204, body: null });
    expect((await service.call(getOne, { params })).status).toBe(404);
    expect((await service.call(DELETE, { params })).status).toBe(404);
  });
});

test("S13 returns 404 for another organization's app", async () => {
  const theirs = await makeService();
  const params = { appId: (await connect(theirs)).appId };
  const stranger = await makeService();
  for (const [handler, body] of [
    [getOne, undefined],
    [PATCH, { name: "taken over" }],
    [DELETE, undefined],
  ] as const) {
    const answer = await stranger.call(handler, { params, ...(body && { body }) });
    expect(answer).toMatchObject({ status: 404, body: { code: "not_found" } });
  }
  expect((await theirs.call(getOne, { params })).body).toMatchObject({ name: "HR" });
});
