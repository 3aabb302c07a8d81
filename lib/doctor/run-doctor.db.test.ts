import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { grant } from "@/lib/auth/actor";
import { closeNotifications } from "@/lib/db/notifications";
import { inOrganization } from "@/lib/db/unit-of-work";
import { disableApp } from "@/lib/dingtalk-apps/disable-app";
import { makeApp, makeOrganization } from "@/lib/testing/factories";
import type { AppPatch, FaultRuleInput } from "@/simulator/control";
import { PERMISSIONS } from "@/simulator/schemas";
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

/** A new address each time, so that only an organization's limits count. */
const makeAddress = () => `203.0.113.${++addresses}`;

type Options = { readonly patch?: AppPatch; readonly state?: "broken"; readonly secret?: string };

/** An app at DingTalk, connected here by somebody, whom the doctor looks at. */
async function makePatient({ patch = {}, state, secret }: Options = {}) {
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

/** The states of all checks but those that say something by themselves. */
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

describe("a whole examination", () => {
  test("makes each real call once, and finds that all is well", async () => {
    const { run, read, calls } = await makePatient();
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

  test("S33 S21 keeps neither a personal value nor a secret nor a token", async () => {
    const { run, app, appSecret } = await makePatient();
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
    // The list of fields that DingTalk shows says it where no person can be read
    ["qyapi_get_department_member", { members: "failed", headcount: "failed", member: "not_run" }],
    ["qyapi_get_member", { member: "failed" }],
  ] as const)(
    "casdoor#4819: names the missing permission %s, and looks at the rest",
    async (name, states) => {
      const { run, read } = await makePatient({ patch: without(name) });
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
    },
  );

  test("says which address DingTalk refuses, and asks nothing more from there", async () => {
    const { run, read, calls } = await makePatient({ patch: { ipAllowList: ["10.9.8.7"] } });
    expect(await run()).toMatchObject({ failed: 1 });
    const checks = await read();
    expect(statesOf(checks)).toEqual(
      allBut({ egress: "failed", scopes: "not_run", scope: "not_run", ...notRun }),
    );
    expect(checks.egress?.fault).toMatchObject({ kind: "ip_not_allowed", callerIp: "127.0.0.1" });
    expect(Object.keys(calls()).sort()).toEqual(["auth/scopes", "v1.0/oauth2/accessToken"]);
  });

  test("is made of a broken app too, which works again when DingTalk takes it", async () => {
    const patient = await makePatient({ state: "broken" });
    expect(await patient.run()).toMatchObject({ failed: 0 });
    const { state } = await inOrganization(patient.app, (tx) =>
      tx.dingtalkApp.findFirstOrThrow({ where: { organizationId: patient.app.organizationId } }),
    );
    expect(state).toBe("verified");

    const wrong = await makePatient({ state: "broken", secret: `wrong-${crypto.randomUUID()}` });
    expect(await wrong.run()).toEqual({ passed: 1 + 1, warnings: 0, failed: 1 });
    const nothing = { release: "not_run", egress: "not_run", scopes: "not_run", scope: "not_run" };
    expect(statesOf(await wrong.read())).toEqual(allBut({ credentials: "failed", ...nothing, ...notRun }));
  });

  test("tells what gave no answer from what is refused", async () => {
    const { run, read, fault } = await makePatient();
    fault({ path: "topapi/v2/user/list", fault: { kind: "gateway_timeout" } });
    fault({ path: "topapi/user/count", fault: { kind: "reset" } });
    fault({ path: "department/list", fault: { kind: "errcode", errcode: -1 } });
    expect(await run()).toMatchObject({ warnings: 3, failed: 0 });
    expect(statesOf(await read())).toEqual(
      allBut({ members: "unreached", headcount: "unreached", wholeTree: "unreached", member: "not_run" }),
    );
  });

  test("names the roots of a partial scope, and looks at somebody who is authorized alone", async () => {
    const { run, read } = await makePatient({
      patch: { scope: { departments: [], users: ["manager0001"] } },
    });
    await run();
    const checks = await read();
    // Asked about a department that it may not see, DingTalk lets the app ask
    expect(statesOf(checks)).toEqual(allBut({ scope: "warning" }));
    expect(checks.scope?.facts).toEqual({ departments: 0, members: 1, roots: "" });
    expect(checks.members?.facts).toEqual({ beyond: 1 });
  });

  test("casdoor#1634: a personal field that isn't shown is missed only where it is to be kept", async () => {
    const { run, read, app } = await makePatient({ patch: without("fieldMobile", "fieldEmail") });
    await run();
    expect(statesOf(await read())).toEqual(allBut({ mobile: "absent", email: "absent" }));
    await setOrganization(app.organizationId, true);
    await run("mobile");
    expect(statesOf(await read())).toEqual(allBut({ mobile: "warning", email: "warning" }));
  });

  test("newer apps have no department/list, and nothing is wrong with that", async () => {
    const { run, read } = await makePatient({ patch: { settings: { legacyDepartmentApi: "closed" } } });
    expect(await run()).toMatchObject({ failed: 0 });
    expect(statesOf(await read())).toEqual(allBut({ wholeTree: "absent" }));
  });

  test("MaxKey#218: fewer people here than DingTalk counts is a warning, once everything was read", async () => {
    const { run, read, app } = await makePatient();
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

describe("one check again", () => {
  test("makes the calls that it needs and no exchange, and leaves the others as they were", async () => {
    const { run, read, calls, appKey } = await makePatient({ patch: without("qyapi_get_member") });
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

  test("is a test where no token is to be had, and says why", async () => {
    const { run, read } = await makePatient({ secret: `wrong-${crypto.randomUUID()}` });
    await run("headcount");
    expect(statesOf(await read())).toMatchObject({ credentials: "failed", headcount: "not_run" });
    expect(await read()).not.toHaveProperty("member");
  });
});

describe("the limits", () => {
  test("S9 an examination is one of the tests that an organization may make in an hour", async () => {
    const { run, calls } = await makePatient();
    // An app's exchanges are counted besides, by ten minutes
    const outcomes = [];
    for (let runs = 0; runs < 5; runs += 1) outcomes.push(await run().catch((error: unknown) => error));
    expect(outcomes.at(-1)).toMatchObject({ code: "rate_limited" });
    expect(calls()["v1.0/oauth2/accessToken"]).toBe(4);
  });

  test("another organization's app is not there, and a disabled one is left alone", async () => {
    const [patient, stranger] = [await makePatient(), await makePatient()];
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
