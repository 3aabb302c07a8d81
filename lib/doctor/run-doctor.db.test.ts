import { v7 as newId } from "uuid";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { grant } from "@/lib/auth/actor";
import { closeNotifications } from "@/lib/db/notifications";
import { inOrganization } from "@/lib/db/unit-of-work";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { disableApp } from "@/lib/dingtalk-apps/enable-disable-app";
import { chooseWay } from "@/lib/events/subscription/choose-way";
import { setUpSubscription } from "@/lib/events/subscription/set-up";
import { makeApp, makeOrganization } from "@/lib/testing/factories";
import { Prisma } from "@/prisma/generated/client";
import type { AppPatch, FaultRuleInput } from "@/simulator/control";
import { PERMISSIONS } from "@/simulator/control-input";
import { DEFAULT_CORP_ID, type Simulator, startSimulator } from "@/simulator/start-simulator";
import { getDoctorReport } from "./queries";
import { runDoctor } from "./run-doctor";
import { DOCTOR_CHECKS, type DoctorCheckName, type DoctorChecks } from "./schema";

let simulator: Simulator;
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
  simulator.control.clearFaults();
  simulator.control.clearCalls();
});

/** A new address each time, so that only the organization's limits apply. */
const makeAddress = () => `203.0.113.${++addresses}`;

type Options = { readonly patch?: AppPatch; readonly state?: "broken"; readonly secret?: string };

/** Makes a simulated app that an organization has connected. */
async function makeCheckedApp({ patch = {}, state, secret }: Options = {}) {
  const pair = { appKey: `ding${crypto.randomUUID().slice(0, 8)}`, appSecret: `s-${crypto.randomUUID()}` };
  simulator.control.addApp({ ...pair, corpId: DEFAULT_CORP_ID });
  simulator.control.changeApp(pair.appKey, patch);
  const { owner, organizationId } = await makeOrganization();
  const kept = { ...pair, appSecret: secret ?? pair.appSecret };
  const app = await makeApp(kept, { organizationId, ...(state && { state }) });
  const actor = grant(owner, "directory.sync");
  const run = (check: DoctorCheckName | null = null) =>
    runDoctor(actor, { appId: app.appId, check, address: makeAddress() });
  const read = () => getDoctorReport(grant(owner, "app.read"), app.appId);
  const calls = () => simulator.control.readCalls({ appKey: pair.appKey }).byPath;
  const fault = (rule: FaultRuleInput) => simulator.control.addFault({ ...rule, appKey: pair.appKey });
  return { ...pair, owner, app, run, read, calls, fault };
}

const statesOf = (checks: DoctorChecks) =>
  Object.fromEntries(Object.entries(checks).map(([name, { state }]) => [name, state]));

/** Returns the states of all checks, with exceptions. */
const allBut = (states: Partial<Record<DoctorCheckName, string>>, others = "passed") => ({
  ...Object.fromEntries(DOCTOR_CHECKS.map((name) => [name, others])),
  mobile: others,
  events: "absent",
  ...states,
});

const without = (...lacking: string[]): AppPatch => ({
  permissions: PERMISSIONS.filter((one) => !lacking.includes(one)),
});

const FURTHER: readonly DoctorCheckName[] = [
  "departments",
  "department",
  "members",
  "member",
  "mobile",
  "email",
  "headcount",
  "wholeTree",
];
const notRun = Object.fromEntries(FURTHER.map((name) => [name, "not_run"]));

const setOrganization = (organizationId: string, keepsPersonal: boolean) =>
  inOrganization({ organizationId }, (tx) =>
    tx.organization.update({ where: { organizationId }, data: { keepsPersonal } }),
  );

describe("all checks", () => {
  test("all checks make each call once, and pass", async () => {
    const { run, read, calls } = await makeCheckedApp();
    expect(await read()).toEqual({});
    expect(await run()).toEqual({ passed: 15, warnings: 0, failed: 0 });

    expect(statesOf(await read())).toEqual(allBut({}));
    expect(calls()).toEqual({
      "v1.0/oauth2/accessToken": 1,
      "auth/scopes": 1,
      "topapi/v2/department/listsub": 1,
      "topapi/v2/department/get": 1,
      "topapi/v2/user/list": 1,
      "topapi/v2/user/get": 1,
      "topapi/user/count": 1,
      "department/list": 1,
    });
  });

  test("S33 S21 the checks store no personal value, secret or token", async () => {
    const { run, app, appSecret } = await makeCheckedApp();
    await run();
    const rows = await inOrganization(app, (tx) =>
      tx.doctorReport.findMany({ where: { organizationId: app.organizationId } }),
    );
    const kept = JSON.stringify(rows);
    const people = simulator.control.listMembers(DEFAULT_CORP_ID, 1);
    expect(kept).toContain("headcount");
    for (const { mobile, name, userid, email } of people) {
      for (const value of [mobile, name, userid, email || mobile]) expect(kept).not.toContain(value);
    }
    expect(kept).not.toContain(appSecret);
    expect(kept).not.toMatch(/[0-9a-f]{32}/);
  });

  test.each([
    ["qyapi_base", { scopes: "failed", scope: "not_run" }],
    ["qyapi_get_department_list", { departments: "failed", department: "failed", wholeTree: "absent" }],
    // Without a readable member, DingTalk's list of fields decides
    ["qyapi_get_department_member", { members: "failed", headcount: "failed", member: "not_run" }],
    ["qyapi_get_member", { member: "failed" }],
  ] as const)("casdoor#4819: names the missing permission %s, and continues", async (name, states) => {
    const { run, read } = await makeCheckedApp({ patch: without(name) });
    await run();
    const checks = await read();
    expect(statesOf(checks)).toEqual(allBut(states));
    for (const [check, state] of Object.entries(states)) {
      if (state !== "failed") continue;
      expect(checks[check as DoctorCheckName]?.fault).toMatchObject({
        kind: "missing_permission",
        requiredScopes: [name],
      });
    }
  });

  test("returns the address that DingTalk refuses, and makes no further call", async () => {
    const { run, read, calls } = await makeCheckedApp({ patch: { ipAllowList: ["10.9.8.7"] } });
    expect(await run()).toMatchObject({ failed: 1 });
    const checks = await read();
    expect(statesOf(checks)).toEqual(
      allBut({ egress: "failed", scopes: "not_run", scope: "not_run", ...notRun }),
    );
    expect(checks.egress?.fault).toMatchObject({ kind: "ip_not_allowed", callerIp: "127.0.0.1" });
    expect(Object.keys(calls()).sort()).toEqual(["auth/scopes", "v1.0/oauth2/accessToken"]);
  });

  test("runs all checks for a broken app too, which recovers if DingTalk accepts it", async () => {
    const patient = await makeCheckedApp({ state: "broken" });
    expect(await patient.run()).toMatchObject({ failed: 0 });
    const { state } = await inOrganization(patient.app, (tx) =>
      tx.dingtalkApp.findFirstOrThrow({ where: { organizationId: patient.app.organizationId } }),
    );
    expect(state).toBe("verified");

    const wrong = await makeCheckedApp({ state: "broken", secret: `wrong-${crypto.randomUUID()}` });
    expect(await wrong.run()).toEqual({ passed: 1 + 1, warnings: 0, failed: 1 });
    const nothing = { release: "not_run", egress: "not_run", scopes: "not_run", scope: "not_run" };
    expect(statesOf(await wrong.read())).toEqual(allBut({ credentials: "failed", ...nothing, ...notRun }));
  });

  test("distinguishes missing answers from refusals", async () => {
    const { run, read, fault } = await makeCheckedApp();
    fault({ path: "topapi/v2/user/list", fault: { kind: "gateway_timeout" } });
    fault({ path: "topapi/user/count", fault: { kind: "reset" } });
    fault({ path: "department/list", fault: { kind: "errcode", errcode: -1 } });
    expect(await run()).toMatchObject({ warnings: 3, failed: 0 });
    expect(statesOf(await read())).toEqual(
      allBut({ members: "unreached", headcount: "unreached", wholeTree: "unreached", member: "not_run" }),
    );
  });

  test("lists the departments of a partial scope, and reads a member who is authorized directly", async () => {
    const { run, read } = await makeCheckedApp({
      patch: { scope: { departments: [], users: ["manager0001"] } },
    });
    await run();
    const checks = await read();
    // The error for a department outside the scope shows that the API is allowed
    expect(statesOf(checks)).toEqual(allBut({ scope: "warning" }));
    expect(checks.scope?.facts).toEqual({ departments: 0, members: 1, roots: "" });
    expect(checks.members?.facts).toEqual({ beyond: 1 });
  });

  test("casdoor#1634: warns about a hidden personal field only if the organization stores personal data", async () => {
    const { run, read, app } = await makeCheckedApp({ patch: without("fieldMobile", "fieldEmail") });
    await run();
    expect(statesOf(await read())).toEqual(allBut({ mobile: "absent", email: "absent" }));
    await setOrganization(app.organizationId, true);
    await run("mobile");
    expect(statesOf(await read())).toEqual(allBut({ mobile: "warning", email: "warning" }));
  });

  test("accepts that newer apps can't call department/list", async () => {
    const { run, read } = await makeCheckedApp({ patch: { settings: { legacyDepartmentApi: "closed" } } });
    expect(await run()).toMatchObject({ failed: 0 });
    expect(statesOf(await read())).toEqual(allBut({ wholeTree: "absent" }));
  });

  test("MaxKey#218: warns about fewer stored members than DingTalk counts, after a complete sync", async () => {
    const { run, read, app } = await makeCheckedApp();
    const { people } = simulator.control.getOrganization(DEFAULT_CORP_ID);
    const hold = (members: number, fullAt: Date | null) =>
      inOrganization(app, (tx) =>
        tx.directory.upsert({
          where: { organizationId_appId: app },
          create: { ...app, members, fullAt },
          update: { members, fullAt },
        }),
      );
    const seen: unknown[] = [];
    for (const [held, at] of [
      [people - 50, null],
      [people - 50, new Date()],
      [people - 1, new Date()],
    ] as const) {
      await hold(held, at);
      await run("headcount");
      const { state, facts } = (await read()).headcount ?? {};
      seen.push([state, facts]);
    }
    expect(seen).toEqual([
      ["passed", { n: people }],
      ["warning", { n: people, held: people - 50 }],
      ["passed", { n: people, held: people - 1 }],
    ]);
  });
});

test("the check of events follows the subscription, its last fault and the changes without an event", async () => {
  const { run, read, app, owner, calls } = await makeCheckedApp();
  const seen: unknown[] = [];
  const check = async () => {
    await run("events");
    const { state, facts, fault } = (await read()).events ?? {};
    seen.push([state, facts, fault?.kind ?? null]);
  };
  const store = (data: object) =>
    inOrganization(app, (tx) =>
      tx.eventSubscription.updateMany({ where: { organizationId: app.organizationId }, data }),
    );
  const refusal = new DingtalkError({
    kind: "missing_permission",
    api: "call_back/get_call_back_failed_result",
    upstream: { host: "oapi.dingtalk.com" },
  });

  await setUpSubscription(grant(owner, "app.change"), app.appId, { token: null, aesKey: null });
  await check();
  await store({ verifiedAt: new Date() });
  await check();
  await store({ failedError: refusal.describe() });
  await check();
  await store({ failedError: Prisma.DbNull });
  await inOrganization(app, (tx) =>
    tx.syncRun.create({
      data: { ...app, id: newId(), number: 1, state: "succeeded", trigger: "schedule", missedEvents: 3 },
    }),
  );
  await check();
  await chooseWay(grant(owner, "app.change"), app.appId, "stream");
  await check();
  await store({ streamError: refusal.describe() });
  await check();

  expect(seen).toEqual([
    ["warning", { way: "http" }, null],
    ["passed", { way: "http" }, null],
    ["failed", {}, "missing_permission"],
    ["warning", { way: "http", missed: 3 }, null],
    ["warning", { way: "stream" }, null],
    ["failed", {}, "missing_permission"],
  ]);
  expect(Object.keys(calls()).sort()).toEqual(["auth/scopes", "v1.0/oauth2/accessToken"]);
});

describe("one check", () => {
  test("one check makes only the calls that it needs, and keeps the other results", async () => {
    const { run, read, calls, appKey } = await makeCheckedApp({ patch: without("qyapi_get_member") });
    await run();
    const before = await read();
    simulator.control.changeApp(appKey, { permissions: [...PERMISSIONS] });
    simulator.control.clearCalls();
    expect(await run("member")).toEqual({ passed: 15, warnings: 0, failed: 0 });

    expect(calls()).toEqual({ "auth/scopes": 1, "topapi/v2/user/list": 1, "topapi/v2/user/get": 1 });
    const after = await read();
    expect(after.wholeTree).toEqual(before.wholeTree);
    expect(after.member).toMatchObject({ state: "passed", fault: null });
  });

  test("runs a connection test if there is no token, and returns its failure", async () => {
    const { run, read } = await makeCheckedApp({ secret: `wrong-${crypto.randomUUID()}` });
    await run("headcount");
    expect(statesOf(await read())).toMatchObject({ credentials: "failed", headcount: "not_run" });
    expect(await read()).not.toHaveProperty("member");
  });
});

describe("limits", () => {
  test("S9 a run of all checks counts as one connection test", async () => {
    const { run, calls } = await makeCheckedApp();
    // The app's token requests are limited as well, per ten minutes
    const outcomes = [];
    for (let runs = 0; runs < 5; runs += 1) outcomes.push(await run().catch((error: unknown) => error));
    expect(outcomes.at(-1)).toMatchObject({ code: "rate_limited" });
    expect(calls()["v1.0/oauth2/accessToken"]).toBe(4);
  });

  test("another organization's app gives not_found, and a disabled app a conflict", async () => {
    const [patient, stranger] = [await makeCheckedApp(), await makeCheckedApp()];
    const other = grant(stranger.owner, "directory.sync");
    const request = { appId: patient.app.appId, check: null, address: makeAddress() };
    await expect(runDoctor(other, request)).rejects.toMatchObject({ code: "not_found" });
    await expect(getDoctorReport(grant(stranger.owner, "app.read"), patient.app.appId)).rejects.toMatchObject(
      { code: "not_found" },
    );

    await disableApp(grant(patient.owner, "app.change"), patient.app.appId);
    await expect(patient.run()).rejects.toMatchObject({ code: "conflict" });
    expect(patient.calls()).toEqual({});
  });
});
