import { describe, expect, test } from "vitest";
import type { DingtalkErrorKind } from "@/lib/dingtalk/error-kinds";
import { endPauses } from "@/lib/dingtalk-apps/retry-now";
import { tokenTests } from "@/lib/testing/token-tests";
import type { FaultRuleInput } from "@/simulator/control";
import { storedState, storedToken } from "../test-support/stored-token";

type Fault = FaultRuleInput["fault"];

const MINUTE = 60_000;

const { simulator, now, newTokenService, tokenRequests, runSchedule, makeDue } = tokenTests("failing", {
  clock: "frozen",
});

const code = (errcode: number): Fault => ({ kind: "errcode", errcode });

describe("refused renewals", () => {
  test.each<[string, Fault, DingtalkErrorKind]>([
    ["50003", code(50003), "app_disabled"],
    ["50005", code(50005), "corp_disabled"],
    ["60020", code(60020), "ip_not_allowed"],
    ["41030", code(41030), "authorization_withdrawn"],
    ["48004", code(48004), "authorization_withdrawn"],
    ["60011", code(60011), "missing_permission"],
    [
      "unauthorized.client",
      { kind: "status", status: 401, code: "unauthorized.client" },
      "organization_unauthorized",
    ],
  ])(
    "retries the renewal every ten minutes with one call for a cause that is fixed at DingTalk (%s)",
    async (_, fault, kind) => {
      const service = newTokenService();
      const { app, caller, token } = await makeDue(service);
      simulator.control.addFault({ fault });
      await runSchedule(service, app);
      const since = new Date(now());
      const degraded = { state: "degraded", state_since: since, state_reason: { kind } };
      expect(await storedState(app)).toMatchObject(degraded);
      expect(await storedToken(app)).toMatchObject({ renew_at: new Date(now() + 10 * MINUTE), failures: 1 });
      // The valid token is used until its expiry, without a call.
      simulator.control.advanceClock(9 * MINUTE);
      expect((await caller.token.current()).reveal()).toBe(token.reveal());
      await runSchedule(service, app);
      expect(tokenRequests()).toBe(1);
      simulator.control.advanceClock(MINUTE);
      await runSchedule(service, app);
      expect(tokenRequests()).toBe(2);
      expect(await storedState(app)).toMatchObject(degraded);
      simulator.control.clearFaults();
      simulator.control.advanceClock(10 * MINUTE);
      await runSchedule(service, app);

      expect(tokenRequests()).toBe(3);
      expect(await storedState(app)).toMatchObject({ state: "verified", state_reason: null });
      expect(await storedToken(app)).toMatchObject({ last_error: null, failures: 0 });
    },
  );

  test.each([
    [
      "a wrong secret",
      { kind: "status", status: 400, code: "invalidClientIdOrSecret" },
      "credentials_refused",
    ],
    ["40089", code(40089), "credentials_refused"],
  ] as [string, Fault, DingtalkErrorKind][])(
    "a refused renewal breaks the app for %s, without automatic retries",
    async (_, fault, kind) => {
      const service = newTokenService();
      const { app } = await makeDue(service);
      simulator.control.addFault({ fault });
      await runSchedule(service, app);
      simulator.control.clearFaults();
      simulator.control.advanceClock(24 * 60 * MINUTE);
      await runSchedule(service, app);
      expect(await endPauses(app, now())).toBeNull();
      await runSchedule(service, app);

      expect(tokenRequests()).toBe(1);
      expect(await storedState(app)).toMatchObject({ state: "broken", state_reason: { kind } });
    },
  );

  test("a wrong CorpId breaks the app, is retried after 1, 2 and 4 minutes, and recovers", async () => {
    const service = newTokenService();
    const { app } = await makeDue(service);
    simulator.control.addFault({ fault: code(40013) });
    await runSchedule(service, app);
    for (const pause of [1, 2, 4]) {
      expect(await storedState(app)).toMatchObject({
        state: "broken",
        state_reason: { kind: "corp_id_wrong" },
      });
      expect(await storedToken(app)).toMatchObject({ renew_at: new Date(now() + pause * MINUTE) });
      simulator.control.advanceClock(pause * MINUTE);
      await runSchedule(service, app);
    }
    expect(tokenRequests()).toBe(4);
    simulator.control.clearFaults();
    simulator.control.advanceClock(8 * MINUTE);
    await runSchedule(service, app);
    expect(await storedState(app)).toMatchObject({ state: "verified", state_reason: null });
  });

  test.each<[string, Fault]>([
    ["90017, too many organizations behind one address", code(90017)],
    ["an IP ban", { kind: "ban_body" }],
    ["a server error", { kind: "status", status: 500 }],
    ["a page of another server", { kind: "body", body: "<html></html>", contentType: "text/html" }],
    ["a broken connection", { kind: "reset" }],
    ["a stale suite ticket", code(40085)],
  ])("a refused renewal does not break the app for %s", async (_, fault) => {
    const service = newTokenService();
    const { app, caller, token } = await makeDue(service);
    simulator.control.addFault({ fault });
    await runSchedule(service, app);

    expect(await storedState(app)).toMatchObject({ state: "degraded" });
    expect((await caller.token.current()).reveal()).toBe(token.reveal());
    expect((await storedToken(app)).renew_at?.getTime()).toBeGreaterThan(now());
  });
});

describe("renewals during an outage of an hour", () => {
  test("renewals pause longer and longer despite readers, and the first success ends the outage", async () => {
    const service = newTokenService();
    const { app, caller } = await makeDue(service);
    simulator.control.addFault({ fault: { kind: "status", status: 503 } });
    for (let minute = 0; minute < 60; minute += 1) {
      await runSchedule(service, app);
      await caller.token.current().catch(() => {});
      await caller.token.current().catch(() => {});
      simulator.control.advanceClock(MINUTE);
    }
    const asks = tokenRequests();
    expect(asks).toBeLessThanOrEqual(12);
    expect(await storedToken(app)).toMatchObject({ failures: asks });
    simulator.control.clearFaults();
    simulator.control.advanceClock(10 * MINUTE);

    await caller.token.current();
    expect(await storedState(app)).toMatchObject({ state: "verified" });
    expect(await storedToken(app)).toMatchObject({ failures: 0 });
  });

  test("renewals run at once by hand, within the attempts of ten minutes", async () => {
    const service = newTokenService();
    const { app } = await makeDue(service);
    simulator.control.addFault({ fault: { kind: "status", status: 503 } });
    await runSchedule(service, app);
    for (const expected of [2, 3, 4]) {
      expect(await endPauses(app, now())).toBeNull();
      await runSchedule(service, app);
      expect(tokenRequests()).toBe(expected);
    }

    expect(await endPauses(app, now())).toBe(10 * MINUTE + 1);
  });
});
