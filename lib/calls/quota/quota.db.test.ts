import { beforeEach, describe, expect, test, vi } from "vitest";
import { createKey } from "@/lib/api-keys/create-key";
import { createKeyInput } from "@/lib/api-keys/schema";
import { recordFailure, recordSuccess } from "@/lib/app-health/app-state";
import type { AppRef } from "@/lib/app-ref";
import { grant } from "@/lib/auth/actor";
import { pool } from "@/lib/db/connection-pools";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { changeApp } from "@/lib/dingtalk-apps/change-app";
import { listNotices } from "@/lib/notices/queries";
import { countConnectionsOf } from "@/lib/testing/connections";
import { makeApp, makeOrganization, type TestOrganization } from "@/lib/testing/factories";
import { bundleProgram, spawnProgram } from "@/lib/testing/program";
import { makeCall, storedRows } from "../test-support/make-call";
import { countCall, endQuotaMonth, writeCounts } from "./count-calls";
import { monthEndMs, monthOf } from "./month";
import { findMonthlyStop } from "./monthly-stop";
import { listQuotas, readKeyUse } from "./queries";

const SEND = { host: "oapi", path: "topapi/message/corpconversation/asyncsend_v2" } as const;
const READ = { host: "oapi", path: "topapi/v2/user/get" } as const;
const USED_UP = { outcome: "dingtalk_refused", errcode: "90020" } as const;
const NOV_END = Date.parse("2026-12-01T00:00:00+08:00");

let organization: TestOrganization;
let app: AppRef;
beforeEach(async () => {
  organization = await makeOrganization();
  app = await makeApp({ appKey: "dingquota", appSecret: "secret" }, organization);
});

async function makeKey(monthlyShare: string): Promise<string> {
  const input = createKeyInput.parse({ name: "erp", scopes: "gateway:write", monthlyShare });
  const made = await createKey(grant(organization.owner, "key.manage"), input);
  if (!made.ok) throw new Error(made.error.code);
  return made.value.keyId;
}

const reader = () => grant(organization.owner, "app.read");
const quotaOf = async (nowMs: number) => (await listQuotas(reader(), { appId: app.appId, nowMs }))[0]?.quota;
/** A time at which the cached values have expired. */
const later = (nowMs: number) => nowMs + 20_000;

describe("counting of calls", () => {
  test("counts billable, free and throttled calls separately by app, caller and month", async () => {
    const keyId = await makeKey("");
    const at = (more: object) => countCall(makeCall(app, { atMs: NOV_END - 1, ...more }));
    for (const _ of [1, 2, 3]) at({ ...SEND, keyId });
    at({ ...SEND, keyId, outcome: "dingtalk_refused", errcode: "33012" });
    at({ ...SEND, keyId, outcome: "throttled", attempts: 2, throttles: 2 });
    at({ ...SEND, keyId, attempts: 3, throttles: 2 });
    at({ ...SEND, keyId, outcome: "refused", attempts: 0 });
    at({ ...READ, keyId });
    at({ ...READ });
    at({ ...SEND, keyId, atMs: NOV_END });
    await writeCounts();
    expect(await quotaOf(NOV_END - 1)).toMatchObject({ charged: 5, free: 2, throttled: 4, limit: 5_000 });
    expect(await quotaOf(NOV_END)).toMatchObject({ month: "2026-12", charged: 1, free: 0 });
    expect(await storedRows(app, "call_month")).toHaveLength(3);
    const uses = await readKeyUse(grant(organization.owner, "key.read"), NOV_END - 1);
    expect(uses.get(keyId)).toBe(5);
  });

  test("adds up the calls of several processes, which write theirs when they stop", async () => {
    const path = await bundleProgram({ file: "lib/calls/test-support/calls-process.ts" });
    const processes = [1, 2].map(() => spawnProgram(path, { args: [JSON.stringify(app), "40"] }));
    await Promise.all(processes.map((one) => one.line("recorded")));
    for (const { child } of processes) child.kill("SIGTERM");
    await Promise.all(processes.map(({ ended }) => ended));
    countCall(makeCall(app, READ));
    await writeCounts();
    expect(await quotaOf(Date.now())).toMatchObject({ free: 81 });
  });

  test("loses no call while the database is unavailable", async () => {
    const broken = vi.spyOn(pool(), "connect").mockRejectedValue(new Error("away"));
    countCall(makeCall(app, { ...SEND, atMs: NOV_END - 1 }));
    await writeCounts();
    countCall(makeCall(app, { ...SEND, ...USED_UP, atMs: NOV_END - 1 }));
    await writeCounts();
    broken.mockRestore();
    await writeCounts();
    expect(await quotaOf(NOV_END - 1)).toMatchObject({ charged: 1, level: "stopped" });
  });

  test("counts calls of other apps and organizations after an app is deleted", async () => {
    const gone = { ...app, appId: crypto.randomUUID() };
    const theirs = await makeApp({ appKey: "dingtheirs", appSecret: "secret" });
    for (const one of [gone, app, theirs]) countCall(makeCall(one, { ...SEND, atMs: NOV_END - 1 }));
    await writeCounts();
    expect(await quotaOf(NOV_END - 1)).toMatchObject({ charged: 1 });
    expect(await listQuotas(reader(), { appId: theirs.appId })).toEqual([]);
  });
});

describe("DingTalk's report of a used-up quota", () => {
  const request = async () => ({ ...app, keyId: await makeKey("") });
  const at = NOV_END - 3_600_000;

  test("the report refuses billable calls until the month ends in China, and no free calls", async () => {
    const one = await request();
    expect(await findMonthlyStop({ ...one, ...SEND }, at)).toBeNull();
    countCall(makeCall(app, { ...SEND, ...USED_UP, atMs: at }));
    const stop = { because: "used_up", untilMs: at + 60_000 };
    expect(await findMonthlyStop({ ...one, ...SEND }, at)).toEqual(stop);
    expect(await findMonthlyStop({ ...one, ...READ }, at)).toBeNull();
    await writeCounts();
    expect(await findMonthlyStop({ ...one, ...SEND }, later(at))).toEqual(stop);
    expect(await findMonthlyStop({ ...one, ...SEND }, NOV_END)).toBeNull();
    expect(await quotaOf(NOV_END - 1)).toMatchObject({
      level: "stopped",
      usedUpAt: new Date(at),
      charged: 0,
    });
  });

  test("checks the report with one call after 1 minute, then after pauses that double up to an hour", async () => {
    const start = NOV_END - 20 * 3_600_000;
    countCall(makeCall(app, { ...READ, ...USED_UP, atMs: start }));
    await writeCounts();
    const one = await request();
    const passed: number[] = [];
    for (let minute = 1; minute <= 250; minute += 1) {
      const stops = [];
      for (const _ of [1, 2]) stops.push(await findMonthlyStop({ ...one, ...SEND }, start + minute * 60_000));
      if (stops[0] === null) passed.push(minute);
      expect(stops[1]?.because, "the second of two at once").toBe("used_up");
    }
    expect(passed).toEqual([1, 2, 4, 8, 16, 32, 64, 124, 184, 244]);
  });

  test("the report ends with the first successful billable call, in every process and in the notices", async () => {
    countCall(makeCall(app, { ...READ, ...USED_UP, atMs: at }));
    await writeCounts();
    const one = await request();
    const ask = (nowMs: number) => findMonthlyStop({ ...one, ...SEND }, nowMs);
    expect(await ask(at + 1_000)).not.toBeNull();
    countCall(makeCall(app, { ...READ, atMs: at + 2_000 }));
    countCall(makeCall(app, { ...SEND, outcome: "dingtalk_refused", errcode: "-1", atMs: at + 2_000 }));
    countCall(makeCall(app, { ...SEND, atMs: at - 2_000 }));
    expect(await ask(at + 3_000), "none of these calls ends the report").not.toBeNull();
    countCall(makeCall(app, { ...SEND, atMs: at + 4_000 }));
    expect(await ask(at + 5_000), "in this process").toBeNull();
    await writeCounts();
    expect(await ask(later(later(at))), "read again").toBeNull();
    expect(await quotaOf(at)).toMatchObject({ usedUpAt: null });
    expect(await listNotices(reader())).toMatchObject([
      { state: "quota_used_up", endedAt: expect.any(Date) },
    ]);
  });

  test("keeps a report that is later than a successful billable call, even if both are written together", async () => {
    const one = await request();
    countCall(makeCall(app, { ...SEND, ...USED_UP, atMs: at }));
    countCall(makeCall(app, { ...SEND, atMs: at + 1_000 }));
    countCall(makeCall(app, { ...SEND, ...USED_UP, atMs: at + 2_000 }));
    await writeCounts();
    expect(await quotaOf(at)).toMatchObject({ usedUpAt: new Date(at + 2_000) });
    expect(await findMonthlyStop({ ...one, ...SEND }, later(at))).not.toBeNull();
  });

  test("the report applies to its app in every process, and to no other app", async () => {
    countCall(
      makeCall(app, {
        ...SEND,
        errcode: "Forbidden.AccessDenied.ApiCountLimitForOrg",
        outcome: "dingtalk_refused",
        atMs: at,
      }),
    );
    const other = await makeApp({ appKey: "dingother", appSecret: "secret" }, organization);
    await writeCounts();
    const one = await request();
    expect(await findMonthlyStop({ ...one, ...SEND }, later(at))).toMatchObject({ because: "used_up" });
    expect(await findMonthlyStop({ ...one, ...SEND, appId: other.appId }, later(at))).toBeNull();
  });

  test("the report ends when a larger edition is entered, but not when a smaller one is", async () => {
    countCall(makeCall(app, { ...SEND, ...USED_UP, atMs: at }));
    await writeCounts();
    const one = await request();
    const state = (callsPerMonth: number) =>
      changeApp(grant(organization.owner, "app.change"), app.appId, { callsPerMonth });
    await state(4_000);
    expect(await findMonthlyStop({ ...one, ...SEND }, later(at))).not.toBeNull();
    await state(500_000);
    expect(await findMonthlyStop({ ...one, ...SEND }, later(later(at)))).toBeNull();
    expect(await quotaOf(at)).toMatchObject({ limit: 500_000, level: "fine", usedUpAt: null });
  });
});

describe("monthly share of a key", () => {
  const at = NOV_END - 3_600_000;

  test("a key's billable calls of all apps use its share, and are then refused until the next month", async () => {
    const [keyId, other] = [await makeKey("3"), await makeKey("")];
    const second = await makeApp({ appKey: "dingsecond", appSecret: "secret" }, organization);
    const ask = (key = keyId, nowMs = at) => findMonthlyStop({ ...app, ...SEND, keyId: key }, nowMs);
    expect(await ask()).toBeNull();
    countCall(makeCall(app, { ...SEND, keyId, atMs: at }));
    countCall(makeCall(app, { ...READ, keyId, atMs: at }));
    countCall(makeCall(second, { ...SEND, keyId, atMs: at }));
    await writeCounts();
    expect(await ask()).toBeNull();
    countCall(makeCall(app, { ...SEND, keyId, atMs: at }));
    expect(await ask(), "unwritten calls count").toEqual({ because: "share", untilMs: NOV_END });
    expect(await ask(keyId, later(at)), "read again").toMatchObject({ because: "share" });
    await writeCounts();
    expect(await ask(keyId, later(later(at)))).toMatchObject({ because: "share" });
    expect(await ask(other)).toBeNull();
    expect(await ask(keyId, NOV_END)).toBeNull();
    expect(await findMonthlyStop({ ...app, ...READ, keyId }, at)).toBeNull();
  });

  test("reads a key's share once for many calls, and from memory while the database is unavailable", async () => {
    const keyId = await makeKey("1");
    const ask = (nowMs: number) => findMonthlyStop({ ...app, ...SEND, keyId }, nowMs);
    const askOften = async () => {
      await Promise.all(Array.from({ length: 50 }, () => ask(at)));
      await ask(at + 1_000);
    };
    expect(await countConnectionsOf(askOften)).toBe(1);
    countCall(makeCall(app, { ...SEND, keyId, atMs: at }));
    const connect = vi.spyOn(pool(), "connect").mockRejectedValue(new Error("away"));
    expect(await ask(later(at))).toMatchObject({ because: "share" });
    expect(await ask(NOV_END), "another month is not cached").toBeNull();
    connect.mockRestore();
  });
});

describe("quota notices", () => {
  const told = () => listNotices(reader());
  const charge = async (calls: number) => {
    for (let call = 0; call < calls; call++) countCall(makeCall(app, SEND));
    await writeCounts();
  };
  const state = (callsPerMonth: number) =>
    changeApp(grant(organization.owner, "app.change"), app.appId, { callsPerMonth });

  test("creates one notice at 80 %, which ends with a larger edition, and another one at 80 % of that", async () => {
    await state(10);
    await charge(7);
    expect(await told()).toEqual([]);
    await charge(1);
    await charge(1);
    expect(await told()).toMatchObject([{ appId: app.appId, state: "quota_near", endedAt: null }]);
    await state(20);
    expect(await told()).toMatchObject([{ state: "quota_near", endedAt: expect.any(Date) }]);
    await charge(1);
    expect(await told()).toHaveLength(1);
    await charge(6);
    expect((await told()).map(({ endedAt }) => endedAt === null)).toEqual([true, false]);
  });

  test("creates one notice for a used-up quota, which ends with the month and ignores the app's state", async () => {
    const at = Date.now();
    for (const _ of [1, 2]) countCall(makeCall(app, { ...SEND, ...USED_UP, atMs: at }));
    await writeCounts();
    countCall(makeCall(app, { ...SEND, ...USED_UP, atMs: at + 1 }));
    await writeCounts();
    expect(await told()).toMatchObject([{ state: "quota_used_up", since: new Date(at), endedAt: null }]);
    await inOrganizationSql(app, (client) => recordSuccess(client, app, "worked", new Date(at + 2)));
    const error = new DingtalkError({ kind: "temporary_fault", api: "gettoken", upstream: { host: "h" } });
    await inOrganizationSql(app, (client) => recordFailure(client, app, error, { at: new Date(at + 3) }));
    await endQuotaMonth(app.organizationId, at);
    const open = async () => (await told()).filter(({ endedAt }) => !endedAt).map((notice) => notice.state);
    expect((await open()).toSorted()).toEqual(["degraded", "quota_used_up"]);
    await endQuotaMonth(app.organizationId, monthEndMs(monthOf(at)));
    expect(await open()).toEqual(["degraded"]);
  });
});
