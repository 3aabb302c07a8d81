import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { AppRef } from "@/lib/app-ref";
import { grant } from "@/lib/auth/actor";
import { closeNotifications } from "@/lib/db/notifications";
import { inOrganization } from "@/lib/db/unit-of-work";
import { makeOrganization, type TestMember } from "@/lib/testing/factories";
import { callerOf } from "@/lib/tokens/dingtalk-caller";
import { ensureToken } from "@/lib/tokens/renewal/ensure-token";
import { makeTokenService, type TokenService } from "@/lib/tokens/renewal/token-service";
import { storedToken } from "@/lib/tokens/test-support/stored-token";
import { makeTestDingtalk } from "@/lib/tokens/test-support/test-dingtalk";
import { DEFAULT_APP_KEY, type Simulator, startSimulator } from "@/simulator/start-simulator";
import { connectApp, tryConnection } from "./connect-app";
import { replaceSecret } from "./replace-secret";
import { retestApp } from "./retest-app";

const MINUTE = 60_000;
const EXCHANGE = "/v1.0/oauth2/accessToken";

let simulator: Simulator;
let service: TokenService;
let addresses = 0;

beforeAll(async () => {
  simulator = await startSimulator({ limits: { appApiPerSecond: null } });
  Object.assign(process.env, { DINGTALK_OAPI_URL: simulator.url, DINGTALK_API_URL: simulator.url });
});
afterAll(async () => {
  await simulator.close();
  await closeNotifications();
});
beforeEach(() => {
  service = makeTokenService(makeTestDingtalk(simulator.url));
  simulator.control.clearCalls();
});
afterEach(() => vi.useRealTimers());

/** A new address each time, so that only the other limits count. */
const makeAddress = () => `203.0.113.${++addresses}`;
const exchanges = () => simulator.control.readCalls({ path: EXCHANGE }).total;
const makeOwner = async (): Promise<TestMember> => (await makeOrganization()).owner;
const { signal } = new AbortController();
const isPassed = (tested: Awaited<ReturnType<typeof tryConnection>>) => tested.ok && tested.value.isPassed;

function makePair() {
  const { corpId } = simulator.control.listApps()[0] ?? { corpId: "" };
  const pair = {
    appKey: `ding${crypto.randomUUID().slice(0, 8)}`,
    appSecret: `secret-${crypto.randomUUID()}`,
  };
  simulator.control.addApp({ ...pair, corpId });
  return pair;
}

/** Makes a connected app, which costs one token request. */
async function makeConnected() {
  const owner = await makeOwner();
  const pair = makePair();
  const input = { ...pair, name: "通讯录", corpId: null, agentId: null, isDraft: false };
  const outcome = await connectApp(grant(owner, "app.connect"), input, makeAddress());
  if (!outcome.ok) throw new Error(`set-up failed: ${outcome.error.code}`);
  const { organizationId } = owner;
  const app = { organizationId, appId: outcome.value.appId };
  return { owner, pair, app, change: grant(owner, "app.change") };
}

/** Makes the app's renewal due. */
const makeDue = (app: AppRef) =>
  inOrganization(app, (tx) =>
    tx.appToken.updateMany({ where: { organizationId: app.organizationId }, data: { renewAt: new Date(0) } }),
  );

describe("S9 tests of a refused pair", () => {
  const wrong = () => ({ appKey: DEFAULT_APP_KEY, appSecret: `wrong-${crypto.randomUUID()}` });

  test("concurrent tests of a refused pair cost one call, even of several organizations", async () => {
    const pair = wrong();
    const owners = await Promise.all([makeOwner(), makeOwner(), makeOwner()]);
    const tests = owners.flatMap((owner) => Array<TestMember>(5).fill(owner));
    const answers = await Promise.all(
      tests.map((owner) => tryConnection(grant(owner, "app.connect"), pair, makeAddress())),
    );
    expect(exchanges()).toBe(1);
    expect(answers.map(isPassed)).toEqual(Array(15).fill(false));
  });

  test("tests of a refused pair cost one more call after 30 s, even concurrent ones", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const [pair, connect] = [wrong(), grant(await makeOwner(), "app.connect")];
    await tryConnection(connect, pair, makeAddress());
    vi.setSystemTime(Date.now() + 30_001);
    await Promise.all([1, 2, 3].map(() => tryConnection(connect, pair, makeAddress())));
    expect(exchanges()).toBe(2);
  });

  test("a refused pair does not affect a concurrent test of another pair", async () => {
    const [pair, connect] = [makePair(), grant(await makeOwner(), "app.connect")];
    const answers = await Promise.all([
      tryConnection(connect, pair, makeAddress()),
      tryConnection(connect, { ...pair, appSecret: "wrong" }, makeAddress()),
    ]);
    expect(answers.map(isPassed)).toEqual([true, false]);
  });

  test("a test costs one call even when DingTalk is busy, because a test is not retried", async () => {
    simulator.control.addFault({ path: EXCHANGE, times: 1, fault: { kind: "status", status: 500 } });
    const connect = grant(await makeOwner(), "app.connect");
    expect(isPassed(await tryConnection(connect, makePair(), makeAddress()))).toBe(false);
    expect(exchanges()).toBe(1);
  });
});

describe("S9 tests of a connected app", () => {
  test("tests by every command count toward the app's six token requests in ten minutes", async () => {
    const { app, change } = await makeConnected();
    await retestApp(change, app.appId, makeAddress());
    await replaceSecret(change, app.appId, { appSecret: "not-the-new-one" }, makeAddress());
    await replaceSecret(change, app.appId, { appSecret: "not-it-either" }, makeAddress());
    expect((await storedToken(app)).attempted_at).toHaveLength(4);
    expect(exchanges()).toBe(4);

    const late = [
      () => retestApp(change, app.appId, makeAddress()),
      () => replaceSecret(change, app.appId, { appSecret: "a-third" }, makeAddress()),
    ];
    for (const call of late) {
      await expect(call()).rejects.toMatchObject({
        code: "rate_limited",
        limit: "exchangesOfApp",
        retryAfterSeconds: expect.toSatisfy((seconds: number) => seconds > 0 && seconds <= 601),
      });
    }
    expect(exchanges()).toBe(4);
  });

  test("limits concurrent tests of an app like sequential ones", async () => {
    const { app, change } = await makeConnected();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, (_, index) =>
        replaceSecret(change, app.appId, { appSecret: `guess-${index}` }, makeAddress()),
      ),
    );
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
    expect(exchanges()).toBe(4);
  });

  test("tests never delay the renewal of a rejected or an expired token", async () => {
    const { app, change } = await makeConnected();
    for (let count = 0; count < 3; count++) await retestApp(change, app.appId, makeAddress());
    await expect(retestApp(change, app.appId, makeAddress())).rejects.toMatchObject({ code: "rate_limited" });

    const caller = await callerOf(app, app.appId, service);
    const dead = await caller.token.current();
    simulator.control.revokeTokens();
    expect((await caller.token.replace(dead)).reveal()).not.toBe(dead.reveal());
    expect(exchanges()).toBe(5);
    await makeDue(app);
    await ensureToken(service, app, { for: "schedule" }, signal);
    expect(exchanges()).toBe(6);
    expect((await storedToken(app)).attempted_at).toHaveLength(6);
  });

  test("allows tests of an app again after ten minutes", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const { app, change } = await makeConnected();
    for (let count = 0; count < 3; count++) await retestApp(change, app.appId, makeAddress());
    vi.setSystemTime(Date.now() + 10 * MINUTE + 1_000);
    expect(await retestApp(change, app.appId, makeAddress())).toMatchObject({ isPassed: true });
    expect((await storedToken(app)).attempted_at).toHaveLength(1);
  });

  test("tests don't count for another organization that has connected the same app", async () => {
    const { pair, app, change } = await makeConnected();
    const other = await makeOwner();
    const input = { ...pair, name: "通讯录", corpId: null, agentId: null, isDraft: false };
    const theirs = await connectApp(grant(other, "app.connect"), input, makeAddress());
    if (!theirs.ok) throw new Error("set-up failed");
    for (let count = 0; count < 3; count++) await retestApp(change, app.appId, makeAddress());
    await expect(retestApp(change, app.appId, makeAddress())).rejects.toMatchObject({ code: "rate_limited" });
    const answer = await retestApp(grant(other, "app.change"), theirs.value.appId, makeAddress());
    expect(answer).toMatchObject({ isPassed: true });
  });
});
