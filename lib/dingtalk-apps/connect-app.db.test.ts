import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { grant } from "@/lib/auth/actor";
import { closeNotifications } from "@/lib/db/notifications";
import { inOrganization } from "@/lib/db/unit-of-work";
import { addMember, makeOrganization, type TestMember } from "@/lib/testing/factories";
import { callerOf } from "@/lib/tokens/dingtalk-caller";
import {
  DEFAULT_APP_KEY,
  DEFAULT_APP_SECRET,
  type Simulator,
  startSimulator,
} from "@/simulator/start-simulator";
import { changeApp } from "./change-app";
import { connectApp, tryConnection } from "./connect-app";
import { deleteApp } from "./delete-app";
import { getApp, listApps } from "./queries";
import { replaceSecret } from "./replace-secret";
import { retestApp } from "./retest-app";

let simulator: Simulator;
let addresses = 0;

beforeAll(async () => {
  simulator = await startSimulator();
  Object.assign(process.env, {
    DINGTALK_OAPI_URL: simulator.url,
    DINGTALK_API_URL: simulator.url,
    MAX_APPS: "2",
  });
});
afterAll(async () => {
  await simulator.close();
  await closeNotifications();
});

afterEach(() => void vi.useRealTimers());

/** A new address each time, so that only one limit counts. */
const makeAddress = () => `203.0.113.${++addresses}`;

const pair = { appKey: DEFAULT_APP_KEY, appSecret: DEFAULT_APP_SECRET };
const input = { ...pair, name: "通讯录", corpId: null, agentId: null, isDraft: false };

async function makeOwner(): Promise<TestMember> {
  return (await makeOrganization()).owner;
}

async function connected(owner: TestMember, more: Partial<typeof input> = {}): Promise<string> {
  const outcome = await connectApp(grant(owner, "app.connect"), { ...input, ...more }, makeAddress());
  if (!outcome.ok) throw new Error(`set-up failed: ${outcome.error.code}`);
  return outcome.value.appId;
}

const stateOf = async (owner: TestMember, appId: string) =>
  (await getApp(grant(owner, "app.read"), appId)).state;

/** Adds an app to the simulator, for tests that change it. */
function addSimulatedApp(permissions?: string[]): { appKey: string; appSecret: string } {
  const { corpId } = simulator.control.listApps()[0] ?? { corpId: "" };
  const made = {
    appKey: `ding${crypto.randomUUID().slice(0, 8)}`,
    appSecret: `secret-${crypto.randomUUID()}`,
  };
  simulator.control.addApp({ ...made, corpId, ...(permissions && { permissions }) });
  return made;
}

describe("connecting an app", () => {
  test("stores the app as verified with the last four characters of its secret, and starts its first sync", async () => {
    const owner = await makeOwner();
    const appId = await connected(owner);
    const app = await getApp(grant(owner, "app.read"), appId);
    expect(app).toMatchObject({
      state: "verified",
      secretTail: DEFAULT_APP_SECRET.slice(-4),
      stateReason: null,
    });
    expect(app.activeRunId).not.toBeNull();
    expect(JSON.stringify(app)).not.toContain(DEFAULT_APP_SECRET);
  });

  test("stores no wrong credentials, not even as a draft", async () => {
    const owner = await makeOwner();
    const wrong = { ...input, appSecret: "not-the-secret", isDraft: true };
    const outcome = await connectApp(grant(owner, "app.connect"), wrong, makeAddress());
    expect(outcome).toMatchObject({
      ok: false,
      error: { code: "not_verified", test: { mayBeDraft: false } },
    });
    expect(await listApps(grant(owner, "app.read"))).toEqual([]);
  });

  test("stores an app without permission as a draft only on request", async () => {
    const owner = await makeOwner();
    const own = addSimulatedApp(["qyapi_base"]);
    const actor = grant(owner, "app.connect");
    const refused = await connectApp(actor, { ...input, ...own }, makeAddress());
    expect(refused).toMatchObject({ ok: false, error: { code: "not_verified", test: { mayBeDraft: true } } });
    const appId = await connected(owner, { ...own, isDraft: true });
    const app = await getApp(grant(owner, "app.read"), appId);
    expect(app).toMatchObject({
      state: "draft",
      stateReason: { kind: "missing_permission" },
      activeRunId: null,
    });
  });

  test("S17 refuses an AppKey that the organization has connected, but not one of another organization", async () => {
    const owner = await makeOwner();
    await connected(owner);
    const again = await connectApp(grant(owner, "app.connect"), { ...input, name: "第二个" }, makeAddress());
    expect(again).toEqual({ ok: false, error: { code: "duplicate", name: "通讯录" } });
    expect(await connected(await makeOwner())).toMatch(/^[0-9a-f-]{36}$/);
  });

  test("S8 enforces the limit of apps, even for concurrent requests", async () => {
    const owner = await makeOwner();
    await connected(owner);
    const both = await Promise.all(
      [addSimulatedApp(), addSimulatedApp()].map((own) =>
        connectApp(grant(owner, "app.connect"), { ...input, ...own }, makeAddress()),
      ),
    );
    expect(both.filter(({ ok }) => ok)).toHaveLength(1);
    expect(both.find(({ ok }) => !ok)).toMatchObject({ error: { code: "too_many", max: 2 } });
  });
});

describe("S9 testing a connection", () => {
  const makeWrong = () => ({ ...pair, appSecret: `wrong-${crypto.randomUUID()}` });

  test("refuses tests after an organization has tried ten wrong pairs in an hour, even of a correct pair", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const actor = grant(await makeOwner(), "app.connect");
    for (let count = 0; count < 10; count++) {
      expect(await tryConnection(actor, makeWrong(), makeAddress())).toMatchObject({
        value: { isPassed: false },
      });
    }
    for (const given of [makeWrong(), pair]) {
      await expect(tryConnection(actor, given, makeAddress())).rejects.toMatchObject({
        code: "rate_limited",
        limit: "refusedTestsOrganization",
        detail: "10 refused connection tests an hour for an organization",
        retryAfterSeconds: 3_600,
      });
    }
    vi.setSystemTime(Date.now() + 3_600_001);
    expect(await tryConnection(actor, pair, makeAddress())).toMatchObject({ value: { isPassed: true } });
  });

  test("refuses tests after thirty wrong pairs in an hour from an IPv6 /64, for any organization", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    let host = 0;
    const fromNetwork = () => `2001:db8:9:1::${(++host).toString(16)}`;
    for (let count = 0; count < 3; count++) {
      const actor = grant(await makeOwner(), "app.connect");
      for (let tries = 0; tries < 10; tries++) await tryConnection(actor, makeWrong(), fromNetwork());
    }
    const other = grant(await makeOwner(), "app.connect");
    await expect(tryConnection(other, pair, fromNetwork())).rejects.toMatchObject({
      limit: "refusedTestsAddress",
      retryAfterSeconds: 3_600,
    });
    await expect(tryConnection(other, pair, makeAddress())).resolves.toMatchObject({ ok: true });
  });

  test("counts no successful test, so that many apps can be connected in a minute", async () => {
    const actor = grant(await makeOwner(), "app.connect");
    const address = makeAddress();
    for (let count = 0; count < 11; count++) await tryConnection(actor, addSimulatedApp(), address);
    const atOnce = Array.from({ length: 29 }, () => tryConnection(actor, addSimulatedApp(), address));
    expect((await Promise.all(atOnce)).filter(({ ok }) => ok)).toHaveLength(29);
    for (let count = 0; count < 10; count++) await tryConnection(actor, makeWrong(), address);
    await expect(tryConnection(actor, makeWrong(), address)).rejects.toMatchObject({
      limit: "refusedTestsOrganization",
    });
  });

  test("returns the app that has the AppKey already, without a call to DingTalk", async () => {
    const owner = await makeOwner();
    await connected(owner);
    simulator.control.clearCalls();
    for (const given of [pair, makeWrong(), { ...pair, kind: "unified" as const, corpId: "ding1" }]) {
      expect(await tryConnection(grant(owner, "app.connect"), given, makeAddress())).toEqual({
        ok: false,
        error: { code: "duplicate", name: "通讯录" },
      });
    }
    expect(simulator.control.readCalls({ path: "/v1.0/oauth2/accessToken" }).total).toBe(0);
    const other = grant(await makeOwner(), "app.connect");
    expect(await tryConnection(other, pair, makeAddress())).toMatchObject({ value: { isPassed: true } });
  });

  test("reports that the organization has reached its limit of apps", async () => {
    const owner = await makeOwner();
    for (let count = 0; count < 2; count++) await connected(owner, addSimulatedApp());
    expect(await tryConnection(grant(owner, "app.connect"), pair, makeAddress())).toEqual({
      ok: false,
      error: { code: "too_many", max: 2 },
    });
  });

  test("calls DingTalk once for a refused pair", async () => {
    const actor = grant(await makeOwner(), "app.connect");
    const wrong = { ...pair, appSecret: `wrong-${crypto.randomUUID()}` };
    simulator.control.clearCalls();
    const answers = [
      await tryConnection(actor, wrong, makeAddress()),
      await tryConnection(actor, wrong, makeAddress()),
    ];
    expect(answers[1]).toEqual(answers[0]);
    expect(simulator.control.readCalls({ path: "/v1.0/oauth2/accessToken" }).total).toBe(1);
  });
});

describe("replacing a secret", () => {
  test("keeps the old secret if DingTalk refuses the new one", async () => {
    const owner = await makeOwner();
    const appId = await connected(owner);
    const actor = grant(owner, "app.change");
    const refused = await replaceSecret(actor, appId, { appSecret: "not-the-new-one" }, makeAddress());
    expect(refused).toMatchObject({ ok: false, error: { isPassed: false } });
    const app = await getApp(grant(owner, "app.read"), appId);
    expect(app).toMatchObject({ state: "verified", secretTail: DEFAULT_APP_SECRET.slice(-4) });
    expect(await retestApp(actor, appId, makeAddress())).toMatchObject({ isPassed: true });
  });

  test("stores accepted credentials, and marks the app as verified only if all checks pass", async () => {
    const owner = await makeOwner();
    const own = addSimulatedApp(["qyapi_base"]);
    const appId = await connected(owner, { ...own, isDraft: true });
    const actor = grant(owner, "app.change");
    const replaced = await replaceSecret(actor, appId, { appSecret: own.appSecret }, makeAddress());
    expect(replaced).toMatchObject({ ok: true, value: { isPassed: false } });
    expect(await stateOf(owner, appId)).not.toBe("verified");

    simulator.control.changeApp(own.appKey, {
      permissions: ["qyapi_base", "qyapi_get_department_list"] as never,
    });
    expect(await retestApp(actor, appId, makeAddress())).toMatchObject({ isPassed: true });
    const app = await getApp(grant(owner, "app.read"), appId);
    expect(app).toMatchObject({ state: "verified", stateReason: null });
    expect(app.activeRunId, "its first sync begins").not.toBeNull();
  });
});

describe("deleting an app", () => {
  test("S25 compares the typed text with the app's name after Unicode normalization", async () => {
    const owner = await makeOwner();
    const appId = await connected(owner, { name: "Café" });
    const actor = grant(owner, "app.delete");
    expect(await deleteApp(actor, appId, "cafe")).toEqual({ ok: false, error: "typed_wrong" });
    expect(await deleteApp(actor, appId, " Cafe\u0301 ")).toEqual({ ok: true, value: { name: "Café" } });
    expect(await listApps(grant(owner, "app.read"))).toEqual([]);
  });

  test("deletes the app's token, runs and waiting jobs, and leaves its directory to a job", async () => {
    const owner = await makeOwner();
    const appId = await connected(owner);
    const { organizationId } = owner;
    await deleteApp(grant(owner, "app.delete"), appId, input.name);
    const left = await inOrganization(owner, async (tx) => ({
      tokens: await tx.appToken.count({ where: { organizationId } }),
      runs: await tx.syncRun.count({ where: { organizationId } }),
      jobs: await tx.$queryRaw`SELECT name FROM pgboss.job WHERE data ->> 'appId' = ${appId} AND state = 'created'`,
    }));
    expect(left).toEqual({ tokens: 0, runs: 0, jobs: [{ name: "app.erase" }] });
  });
});

test("S12 a malformed ID and another organization's ID give the same answer as an unknown app", async () => {
  const owner = await makeOwner();
  const theirs = await connected(await makeOwner());
  const change = { name: "x", corpId: null, agentId: null, syncEveryHours: 6, jsapiOrigins: [] };
  for (const appId of ["no-id", "", theirs, crypto.randomUUID()]) {
    const calls = [
      () => getApp(grant(owner, "app.read"), appId),
      () => changeApp(grant(owner, "app.change"), appId, change),
      () => retestApp(grant(owner, "app.change"), appId, makeAddress()),
      () => replaceSecret(grant(owner, "app.change"), appId, { appSecret: "s" }, makeAddress()),
      () => deleteApp(grant(owner, "app.delete"), appId, "x"),
    ];
    for (const call of calls) await expect(call(), appId).rejects.toMatchObject({ code: "not_found" });
  }
});

test("an app's calls per second apply to its calls, and stay until they are changed", async () => {
  const owner = await makeOwner();
  const appId = await connected(owner);
  const actor = grant(owner, "app.change");
  const change = { name: "x", corpId: null, agentId: null, syncEveryHours: 6 };
  const rate = async () => (await callerOf(owner, appId)).callsPerSecond;
  expect(await rate()).toBe(20);
  await changeApp(actor, appId, { ...change, callsPerSecond: 40 });
  await changeApp(actor, appId, change);
  expect(await rate()).toBe(40);
  await changeApp(actor, appId, { ...change, callsPerSecond: null });
  expect(await rate()).toBe(20);
});

test("a viewer gets no actor that may change an app", async () => {
  const organization = await makeOrganization();
  const viewer = await addMember(organization, "viewer");
  for (const permission of ["app.connect", "app.change", "app.delete"] as const) {
    expect(() => grant(viewer, permission)).toThrow(expect.objectContaining({ code: "forbidden" }));
  }
});
