import { describe, expect, test } from "vitest";
import type { AppRef } from "@/lib/app-ref";
import { inOrganization } from "@/lib/db/unit-of-work";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { requestAccessToken } from "@/lib/dingtalk/tokens";
import { openAdmin, storedJobs } from "@/lib/jobs/test-support/stored-jobs";
import { Redacted } from "@/lib/redacted";
import { makeApp, makeOrganization } from "@/lib/testing/factories";
import { tokenTests } from "@/lib/testing/token-tests";
import { callerOf } from "@/lib/tokens/dingtalk-caller";
import { clearToken, clearTokens, discardToken } from "@/lib/tokens/renewal/discard-token";
import { storeVerifiedToken } from "@/lib/tokens/renewal/store-outcome";
import type { TokenService } from "@/lib/tokens/renewal/token-service";
import { storedState, storedToken } from "@/lib/tokens/test-support/stored-token";
import { makeTestDingtalk } from "@/lib/tokens/test-support/test-dingtalk";
import { untilCached } from "@/lib/tokens/test-support/until-cached";
import { recordRefusal, recordSuccess } from "./app-state";

const MINUTE = 60_000;

const admin = openAdmin();
const { pair, simulator, now, newTokenService, tokenRequests, runSchedule, makeDue } = tokenTests("outcome");

const jobsOf = ({ organizationId, appId }: AppRef) =>
  storedJobs(admin, "token.renew", `${organizationId}/${appId}`);

describe("outages of DingTalk", () => {
  test("an outage leaves readers the valid token, degrades the app and schedules a retry", async () => {
    const service = newTokenService();
    const { app, caller, token } = await makeDue(service);
    simulator.control.addFault({ fault: { kind: "status", status: 500 } });
    await runSchedule(service, app);

    expect((await caller.token.current()).reveal()).toBe(token.reveal());
    expect(await storedState(app)).toMatchObject({
      state: "degraded",
      state_reason: { kind: "temporary_fault" },
    });
    const { last_error, renew_at } = await storedToken(app);
    expect(last_error).toMatchObject({ kind: "temporary_fault" });
    expect(renew_at?.getTime()).toBeGreaterThan(now());
    expect(await jobsOf(app)).toMatchObject([{ state: "created", start_after: renew_at }]);
  });

  test("a lasting outage keeps the date of the state, and ends with the first successful renewal", async () => {
    const service = newTokenService();
    const { app } = await makeDue(service);
    simulator.control.addFault({ fault: { kind: "status", status: 500 } });
    await runSchedule(service, app);
    const { state_since: since } = await storedState(app);
    simulator.control.advanceClock(MINUTE);
    await runSchedule(service, app);
    expect(await storedState(app)).toMatchObject({ state: "degraded", state_since: since });
    simulator.control.clearFaults();
    simulator.control.advanceClock(MINUTE);
    await runSchedule(service, app);

    expect(await storedState(app)).toMatchObject({ state: "verified", state_reason: null });
    expect((await storedState(app)).state_since.getTime()).toBeGreaterThan(since.getTime());
    expect(await storedToken(app)).toMatchObject({ last_error: null, not_extended_until: null });
  });

  test("returns the stored failure to each reader without a call after the token has expired", async () => {
    const app = await makeApp(pair);
    const caller = await callerOf(app, app.appId, newTokenService());
    simulator.control.addFault({ fault: { kind: "status", status: 500 } });
    await expect(caller.token.current()).rejects.toMatchObject({ kind: "temporary_fault" });
    const { renew_at: renewAt } = await storedToken(app);
    expect(await jobsOf(app)).toMatchObject([{ state: "created", start_after: renewAt }]);
    simulator.control.clearCalls();

    await expect(caller.token.current()).rejects.toMatchObject({ kind: "temporary_fault" });
    expect(tokenRequests()).toBe(0);
    simulator.control.clearFaults();
    simulator.control.advanceClock(MINUTE);
    expect(await caller.token.current()).toBeInstanceOf(Redacted);
  });
});

describe("refused secrets", () => {
  async function makeBroken(service: TokenService) {
    const made = await makeDue(service);
    simulator.control.changeApp(pair.appKey, { appSecret: "another-secret" });
    await runSchedule(service, made.app);
    return made;
  }

  test("a refused secret breaks the app, and no schedule, reader or report retries it", async () => {
    const service = newTokenService();
    const { app, caller, token } = await makeBroken(service);
    expect(await storedState(app)).toMatchObject({
      state: "broken",
      state_reason: { kind: "credentials_refused" },
    });
    expect((await caller.token.current()).reveal()).toBe(token.reveal());
    simulator.control.advanceClock(60 * MINUTE);
    await runSchedule(service, app);

    await expect(caller.token.current()).rejects.toMatchObject({ kind: "credentials_refused" });
    await expect(caller.token.replace(token)).rejects.toMatchObject({ kind: "credentials_refused" });
    expect(tokenRequests()).toBe(1);
    expect(await storedToken(app)).toMatchObject({ renew_at: null });
  });

  test("a successful connection test ends a refusal, stores the token and schedules its renewal", async () => {
    const service = newTokenService();
    const { app, caller, token } = await makeBroken(service);
    const changed = { ...pair, appSecret: new Redacted("another-secret") };
    simulator.control.revokeTokens(pair.appKey);
    const answer = await requestAccessToken(makeTestDingtalk(simulator.url, now), changed);
    await inOrganization(app, (tx) => storeVerifiedToken(tx, app.organizationId, app.appId, answer));

    expect(await storedState(app)).toMatchObject({ state: "verified", state_reason: null });
    const { renew_at: renewAt } = await storedToken(app);
    expect(await jobsOf(app)).toMatchObject([{ state: "created", start_after: renewAt }]);
    // The NOTIFY clears this process's memory.
    await expect.poll(async () => (await caller.token.current()).reveal()).toBe(answer.token.reveal());
    expect(answer.token.reveal()).not.toBe(token.reveal());
  });

  test("stores no secret with the failure of an app", async () => {
    const { app } = await makeBroken(newTokenService());
    const stored = JSON.stringify([await storedToken(app), await storedState(app)]);

    expect(stored).toContain("credentials_refused");
    expect(stored).not.toContain("MARKED");
  });
});

describe("apps with a refused secret", () => {
  const refused = (kind: "token_refused_again" | "missing_permission") =>
    new DingtalkError({ kind, api: "topapi/v2/department/listsub", upstream: { host: "oapi.dingtalk.com" } });

  test("an app with a refused secret stays broken even if calls with its valid token succeed or fail", async () => {
    const { app } = await makeDue(newTokenService());
    const at = new Date();
    const secret = new DingtalkError({
      kind: "credentials_refused",
      api: "v1.0/oauth2/accessToken",
      upstream: { host: "api.dingtalk.com" },
    });
    await inOrganization(app, async (tx) => {
      await recordRefusal(tx, app, secret, at);
      await recordSuccess(tx, app, "allowed", at);
      for (const kind of ["missing_permission", "token_refused_again"] as const)
        await recordRefusal(tx, app, refused(kind), at);
      await recordSuccess(tx, app, "allowed", at);
    });
    expect(await storedState(app)).toMatchObject({
      state: "broken",
      state_reason: { kind: "credentials_refused" },
    });
  });
});

describe("health of an app", () => {
  test("a renewed token alone does not end a refused call, and a new secret is tried", async () => {
    const service = newTokenService();
    const { app } = await makeDue(service);
    const error = new DingtalkError({
      kind: "token_refused_again",
      api: "topapi/v2/department/listsub",
      upstream: { host: "oapi.dingtalk.com" },
    });
    await inOrganization(app, (tx) => recordRefusal(tx, app, error, new Date()));
    await runSchedule(service, app);
    expect(tokenRequests()).toBe(1);
    expect(await storedState(app)).toMatchObject({
      state: "broken",
      state_reason: { kind: "token_refused_again" },
    });
    await inOrganization(app, (tx) => discardToken(tx, app.organizationId, app.appId));

    expect(await storedState(app)).toMatchObject({ state: "degraded", state_reason: null });
  });

  test("a disabled app gives no token", async () => {
    const app = await makeApp(pair, { state: "disabled" });
    const caller = await callerOf(app, app.appId, newTokenService());

    await expect(caller.token.current()).rejects.toMatchObject({ code: "conflict" });
    expect(tokenRequests()).toBe(0);
  });

  test("a draft stays a draft after any outcome of its token", async () => {
    const app = await makeApp(pair, { state: "draft" });
    const caller = await callerOf(app, app.appId, newTokenService());
    await caller.token.current();

    expect(await storedState(app)).toMatchObject({ state: "draft", state_since: new Date(0) });
  });

  test("a connected app gets its token and its renewal in one unit of work, or neither", async () => {
    const held = { ...pair, appSecret: new Redacted(pair.appSecret) };
    const answer = await requestAccessToken(makeTestDingtalk(simulator.url, now), held);
    const app = await makeApp(pair);
    const store = (fails: boolean) =>
      inOrganization(app, async (tx) => {
        await storeVerifiedToken(tx, app.organizationId, app.appId, answer);
        if (fails) throw new Error("taken back");
      });
    await expect(store(true)).rejects.toThrow("taken back");
    await expect(storedToken(app)).rejects.toThrow("no token row");
    expect(await jobsOf(app)).toEqual([]);
    await store(false);
    simulator.control.clearCalls();

    const caller = await callerOf(app, app.appId, newTokenService());
    expect((await caller.token.current()).reveal()).toBe(answer.token.reveal());
    expect(tokenRequests()).toBe(0);
    expect(await storedToken(app)).toMatchObject({ version: 1, expires_at: answer.expiresAt });
    expect(await jobsOf(app)).toHaveLength(1);
  });

  test("every process gets a new token at its next call after the secret is replaced", async () => {
    const app = await makeApp(pair);
    const caller = await callerOf(app, app.appId, newTokenService());
    const before = await caller.token.current();
    simulator.control.revokeTokens(pair.appKey);
    await inOrganization(app, (tx) => discardToken(tx, app.organizationId, app.appId));

    await expect.poll(async () => (await caller.token.current()).reveal()).not.toBe(before.reveal());
    expect(await storedToken(app)).toMatchObject({ version: 3 });
  });

  test("a deleted app has no waiting renewal, and no process uses its cached token", async () => {
    const app = await makeApp(pair);
    const caller = await callerOf(app, app.appId, newTokenService());
    await untilCached(caller);
    expect(await jobsOf(app)).toHaveLength(1);
    await inOrganization(app, async (tx) => {
      await clearToken(tx, app.organizationId, app.appId);
      await tx.dingtalkApp.delete({
        where: { organizationId_id: { organizationId: app.organizationId, id: app.appId } },
      });
    });

    expect(await jobsOf(app)).toEqual([]);
    await expect
      .poll(() => caller.token.current().catch((error: { code: string }) => error.code))
      .toBe("not_found");
  });

  test("a deleted organization loses its apps' tokens and renewals, and no other organization does", async () => {
    const { organizationId } = await makeOrganization();
    const other = await makeApp(pair);
    const app = await makeApp(pair, { organizationId });
    const service = newTokenService();
    for (const each of [app, other]) await (await callerOf(each, each.appId, service)).token.current();
    await inOrganization(app, (tx) => clearTokens(tx, organizationId));

    expect(await jobsOf(app)).toEqual([]);
    expect(await jobsOf(other)).toHaveLength(1);
  });
});
