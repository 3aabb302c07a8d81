import { describe, expect, test } from "vitest";
import type { DingtalkErrorKind } from "@/lib/dingtalk/error-kinds";
import {
  asAdmin,
  CORP,
  connectApp,
  leastCallsOf,
  makeOrganization,
  openDingtalk,
  readApp,
  rowVersions,
  syncNow,
  TEST_APP_KEY,
  toolsFor,
  treeOf,
  truthOf,
} from "@/lib/testing/directory-sync";
import type { FaultRuleInput } from "@/simulator/control";

const LISTSUB = "topapi/v2/department/listsub";

type Fault = FaultRuleInput["fault"];

/** A synced app whose directory has changed since. */
async function openChanged() {
  const dingtalk = await openDingtalk();
  const organization = await makeOrganization();
  const app = await connectApp(organization);
  const sync = (fault?: Fault) =>
    syncNow(
      organization,
      app,
      toolsFor(dingtalk, {
        dingtalk: { timeoutMs: fault?.kind === "hang" ? 2_000 : 20_000 },
        // Each repeat of a hanging call takes the whole time limit
        ...(fault?.kind === "hang" && { pausesMs: [] }),
      }),
    );
  const first = await sync();
  const before = await rowVersions(app);
  dingtalk.control.changeDirectory(CORP, [{ op: "add_department", parentId: 1, id: 555, name: "新增" }]);
  return { dingtalk, control: dingtalk.control, app, first, before, sync };
}

const PASSING: [string, Fault, DingtalkErrorKind][] = [
  ["a connection that is reset", { kind: "reset" }, "unreachable"],
  ["504 of a gateway", { kind: "gateway_timeout" }, "temporary_fault"],
  ["503", { kind: "status", status: 503 }, "temporary_fault"],
  ["a page of HTML", { kind: "body", body: "<html>hello</html>", contentType: "text/html" }, "not_dingtalk"],
  ["JSON that breaks off", { kind: "malformed_json" }, "not_dingtalk"],
  ["an answer that breaks off", { kind: "truncated" }, "unreachable"],
  ["no answer at all", { kind: "hang" }, "timeout"],
  ["-1, system busy", { kind: "errcode", errcode: -1 }, "temporary_fault"],
  ["88 with 90018", { kind: "errcode", errcode: 88, subCode: "90018" }, "throttled"],
  ["90002", { kind: "errcode", errcode: 90002 }, "throttled"],
];

/** One app for all faults that change nothing of it, because the first sync takes as long as the failing one. */
let unchanged: ReturnType<typeof openChanged> | undefined;
const openUnchanged = () => (unchanged ??= openChanged());

describe("faults during a read", () => {
  test.each(PASSING)("repeats the call and succeeds after one fault: %s", async (_, fault) => {
    const { dingtalk, control, app, sync } = await openChanged();
    control.addFault({ path: LISTSUB, afterCalls: 3, times: 1, fault });
    const run = await sync(fault);

    expect(run).toMatchObject({ state: "succeeded", isComplete: true, added: 1, error: null });
    expect(run.calls).toBe(leastCallsOf(run) + 1);
    expect(await treeOf(app)).toEqual(truthOf(dingtalk));
  });

  test.each(PASSING)(
    "a permanent fault fails the run with the reason and keeps the old tree: %s",
    async (_, fault, kind) => {
      const { control, app, first, before, sync } = await openUnchanged();
      control.clearFaults();
      control.addFault({ path: LISTSUB, afterCalls: 3, fault });
      const run = await sync(fault);

      expect(run).toMatchObject({ state: "failed", isComplete: false, stage: null, added: 0, removed: 0 });
      expect(run.error).toMatchObject({ kind, api: LISTSUB });
      expect(await rowVersions(app)).toBe(before);
      expect(await readApp(app)).toMatchObject({
        activeRunId: null,
        lastSeenAt: first.finishedAt,
        state: "verified",
      });
    },
  );

  test.each<[string, Fault, DingtalkErrorKind]>([
    ["60011, a permission is missing", { kind: "errcode", errcode: 60011 }, "missing_permission"],
    ["60020, our address is not allowed", { kind: "errcode", errcode: 60020 }, "ip_not_allowed"],
    ["50003, the app is disabled", { kind: "errcode", errcode: 50003 }, "app_disabled"],
    ["50005, the organization is disabled", { kind: "errcode", errcode: 50005 }, "corp_disabled"],
  ])("does not retry the run, and probes the app until the fault is over: %s", async (_, fault, kind) => {
    const { control, app, before, sync } = await openChanged();
    control.clearCalls();
    control.addFault({ path: LISTSUB, afterCalls: 3, fault });
    const run = await sync();

    expect(run).toMatchObject({ state: "failed", error: { kind } });
    // No repeats: at most the five concurrent calls
    expect(control.readCalls({ path: LISTSUB }).total).toBeLessThanOrEqual(3 + 5);
    expect(await rowVersions(app)).toBe(before);
    expect(await readApp(app)).toMatchObject({
      state: "degraded",
      stateReason: { kind },
      probeAt: expect.any(Date),
    });
  });

  test.each<[string, Fault, DingtalkErrorKind]>([
    ["a ban", { kind: "ban_body" }, "ip_banned"],
    ["a ban's page", { kind: "ban_page" }, "ip_banned"],
    ["the month's quota", { kind: "errcode", errcode: 90020 }, "quota_used_up"],
    ["an answer without end", { kind: "endless" }, "too_large"],
  ])("fails the run at once, and leaves the app unchanged: %s", async (_, fault, kind) => {
    const { control, app, before, sync } = await openUnchanged();
    control.clearFaults();
    control.addFault({ path: LISTSUB, afterCalls: 3, fault });

    expect(await sync()).toMatchObject({ state: "failed", error: { kind } });
    expect(await rowVersions(app)).toBe(before);
    expect((await readApp(app)).state).toBe("verified");
  });

  test("replaces an expired token, and the sync succeeds", async () => {
    const { dingtalk, control, app, sync } = await openChanged();
    control.addFault({ path: LISTSUB, afterCalls: 3, times: 1, fault: { kind: "errcode", errcode: 40014 } });

    expect(await sync()).toMatchObject({ state: "succeeded", isComplete: true });
    expect(await treeOf(app)).toEqual(truthOf(dingtalk));
  });

  test("an unreachable host fails the run with that reason, and the next run succeeds", async () => {
    const { dingtalk, control, app, before, sync } = await openChanged();
    const organization = await makeOrganization();
    const lost = await connectApp(organization);
    const away = toolsFor({ url: "http://127.0.0.1:1" });
    const run = await syncNow(organization, lost, away);

    expect(run).toMatchObject({
      state: "failed",
      error: { kind: "unreachable", networkCode: "ECONNREFUSED" },
    });
    expect(await rowVersions(app)).toBe(before);
    control.clearFaults();
    expect(await sync()).toMatchObject({ state: "succeeded" });
    expect(await treeOf(app)).toEqual(truthOf(dingtalk));
  });

  test("stores DingTalk's answer with the run, never a token or a secret", async () => {
    const { control, sync, app } = await openChanged();
    const echo = (message: string) => ({ kind: "errcode", errcode: 400002, errmsg: message }) as const;
    control.addFault({ path: LISTSUB, fault: echo("bad: 参数") });
    const run = await sync();

    expect(run.error).toMatchObject({ kind: "malformed_request", message: expect.stringContaining("参数") });
    const [row] = await asAdmin<{ text: string }>(
      "SELECT string_agg(r::text, '') AS text FROM sync_run r WHERE app_id = $1",
      [app.appId],
    );
    expect(row?.text).not.toMatch(/access_token|secret-of-tests/);
  });
});

describe("limits", () => {
  test("S24 MAX_DEPARTMENTS fails a larger run, and nothing is written", async () => {
    const dingtalk = await openDingtalk();
    const organization = await makeOrganization();
    const app = await connectApp(organization);
    const size = truthOf(dingtalk).size;
    const tools = (departmentsMax: number) => toolsFor(dingtalk, { departmentsMax });

    const run = await syncNow(organization, app, tools(size - 1));
    const error = { kind: "too_many_departments", departmentsMax: size - 1 };
    expect(run).toMatchObject({ state: "failed", error });
    expect(await rowVersions(app)).toBe("");
    expect(await syncNow(organization, app, tools(size))).toMatchObject({ state: "succeeded", added: size });
  });

  test("DingTalk's rate limit makes the run wait, and is counted", async () => {
    const dingtalk = await openDingtalk("small", { limits: { appApiPerSecond: 20 }, clock: "frozen" });
    const organization = await makeOrganization();
    const app = await connectApp(organization);
    const sleep = async () => void dingtalk.control.advanceClock(1_000);
    const run = await syncNow(organization, app, toolsFor(dingtalk, { dingtalk: { sleep } }));

    expect(run).toMatchObject({ state: "succeeded", isComplete: true, added: truthOf(dingtalk).size });
    expect(run.throttles).toBeGreaterThan(0);
    expect(run.calls).toBe(leastCallsOf(run) + run.throttles);
    expect(dingtalk.control.readCalls({ appKey: TEST_APP_KEY }).byOutcome["90018"]).toBe(run.throttles);
  });
});
