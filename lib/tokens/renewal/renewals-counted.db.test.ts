import { beforeEach, describe, expect, test } from "vitest";
import type { AppRef } from "@/lib/app-ref";
import { openAdmin, storedJobs } from "@/lib/jobs/test-support/stored-jobs";
import { makeApp } from "@/lib/testing/factories";
import { tokenTests } from "@/lib/testing/token-tests";
import { callerOf } from "../dingtalk-caller";
import { takeLease } from "../lease/read-lease";
import { storedToken } from "../test-support/stored-token";
import { makeTestDingtalk } from "../test-support/test-dingtalk";
import { makeTokenService, type TokenService } from "./token-service";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const LIFE_MS = 7_200 * SECOND;
const STEP_MS = 30 * SECOND;

const admin = openAdmin();
const { pair, simulator, now, runSchedule } = tokenTests("counted", { clock: "frozen" });

const newTokenService = (aheadMs = 0): TokenService =>
  makeTokenService(makeTestDingtalk(simulator.url, () => now() + aheadMs));
const tokenRequests = () => simulator.control.readCalls({ path: "v1.0/oauth2/accessToken" });

/** Returns the largest number of these times within any ten minutes, both ends included. */
const mostInTenMinutes = (moments: readonly number[]) =>
  Math.max(...moments.map((from) => moments.filter((at) => at >= from && at <= from + 10 * MINUTE).length));

/**
 * Runs the schedule, a reader and a call with a dead token every half minute for 15 minutes around the token's
 * expiry, which asks for as many renewals as possible.
 *
 * @returns the times of the renewals
 */
async function hound(app: AppRef, service: TokenService): Promise<number[]> {
  const caller = await callerOf(app, app.appId, service);
  const begun = new Set<number>();
  await caller.token.current().catch(() => {});
  simulator.control.advanceClock(LIFE_MS - 5 * MINUTE);
  for (let step = 0; step < (15 * MINUTE) / STEP_MS; step += 1) {
    await runSchedule(service, app);
    const token = await caller.token.current().catch(() => null);
    if (token) await caller.token.replace(token).catch(() => {});
    for (const at of (await storedToken(app)).attempted_at) begun.add(at.getTime());
    simulator.control.advanceClock(STEP_MS);
  }
  return [...begun];
}

test("a first or renewed token has its next renewal in the queue", async () => {
  const app = await makeApp(pair);
  const service = newTokenService();
  const jobs = () => storedJobs(admin, "token.renew", `${app.organizationId}/${app.appId}`);
  const caller = await callerOf(app, app.appId, service);
  await caller.token.current();
  const { renew_at } = await storedToken(app);
  expect(await jobs()).toMatchObject([{ state: "created", start_after: renew_at }]);

  simulator.control.advanceClock(LIFE_MS - 10 * MINUTE);
  await runSchedule(service, app);
  const renewed = await storedToken(app);
  expect(renewed.renew_at?.getTime()).toBeGreaterThan(renew_at?.getTime() ?? Infinity);
  expect(await jobs()).toMatchObject([{ state: "created", start_after: renewed.renew_at }]);
});

describe("apps with tokens that live for hours", () => {
  test.each([
    ["the same token with a full life", { repeatedFetch: "extended" }],
    ["the same token with its remaining life", { repeatedFetch: "remaining" }],
    ["a new token each time", { repeatedFetch: "new" }],
    ["a new token each time, which ends the older one", { repeatedFetch: "new", olderTokens: "dead" }],
    ["no lifetime", { lifetimeField: "missing" }],
    ["a lifetime of 0", { lifetimeField: "zero" }],
    ["a negative lifetime", { lifetimeField: "negative" }],
    ["a lifetime as text", { lifetimeField: "text" }],
    ["no lifetime, and the same token", { lifetimeField: "missing", repeatedFetch: "remaining" }],
  ] as const)(
    "makes at most six renewals in ten minutes when DingTalk answers with %s",
    async (_, settings) => {
      simulator.control.setSettings(settings);
      const begun = await hound(await makeApp(pair), newTokenService());
      const calls = tokenRequests().calls.map(({ at }) => at);

      expect(mostInTenMinutes(calls)).toBeGreaterThan(1);
      expect(mostInTenMinutes(calls)).toBeLessThanOrEqual(6);
      expect(mostInTenMinutes(begun)).toBeLessThanOrEqual(6);
    },
  );

  test.each([
    ["fails for some time", { kind: "status", status: 500 }],
    ["is busy", { kind: "status", status: 429, code: "system.busy", message: "busy" }],
    ["throttles the app", { kind: "status", status: 403, code: "QpsLimitForAppkeyAndApi" }],
    ["sends the page of an IP ban", { kind: "ban_page" }],
    ["resets the connection", { kind: "reset" }],
  ] as const)("makes at most six renewals in ten minutes when DingTalk %s", async (_, fault) => {
    simulator.control.addFault({ path: "*", fault });
    const begun = await hound(await makeApp(pair), newTokenService());
    const calls = tokenRequests().calls.map(({ at }) => at);

    expect(mostInTenMinutes(begun)).toBeGreaterThan(1);
    expect(mostInTenMinutes(begun)).toBeLessThanOrEqual(6);
    expect(mostInTenMinutes(calls)).toBeLessThanOrEqual(6);
  });

  test("makes one renewal when the secret is refused, and does not retry it", async () => {
    simulator.control.changeApp(pair.appKey, { appSecret: "another" });
    await hound(await makeApp(pair), newTokenService());

    expect(tokenRequests().total).toBe(1);
  });
});

describe("tokens that live a minute", () => {
  beforeEach(() => void simulator.control.setSettings({ repeatedFetch: "new", tokenLifetimeSeconds: 60 }));

  test("renews a token in time for 20 minutes, so that every reader gets a valid one", async () => {
    const service = newTokenService();
    const app = await makeApp(pair);
    const refused: unknown[] = [];
    for (let passedMs = 0; passedMs < 20 * MINUTE; passedMs += 15 * SECOND) {
      await runSchedule(service, app);
      await takeLease(service, app, undefined).catch((error: unknown) => refused.push(error));
      simulator.control.advanceClock(15 * SECOND);
    }
    expect(refused).toEqual([]);
    expect(mostInTenMinutes(tokenRequests().calls.map(({ at }) => at))).toBeLessThanOrEqual(25);
  });

  test("renews a token at most 25 times in ten minutes with any number of readers", async () => {
    await hound(await makeApp(pair), newTokenService());
    expect(mostInTenMinutes(tokenRequests().calls.map(({ at }) => at))).toBeLessThanOrEqual(25);
  });
});

test("a token that DingTalk ends repeatedly leads to a 503 with the reason when its renewals are used up", async () => {
  simulator.control.setSettings({ repeatedFetch: "new" });
  const app = await makeApp(pair);
  const caller = await callerOf(app, app.appId, newTokenService());
  let dead = await caller.token.current();
  for (let renewals = 1; renewals < 5; renewals += 1) {
    simulator.control.advanceClock(SECOND);
    dead = await caller.token.replace(dead);
  }
  await expect(caller.token.replace(dead)).rejects.toMatchObject({
    kind: "renewals_used_up",
    status: 503,
    upstream: { message: "5 renewals in ten minutes, and the token is dead again" },
    retryAfterMs: 10 * MINUTE - 4 * SECOND + 1,
  });
  expect(await caller.token.current(), "a caller without a report gets the last token").toEqual(dead);
});

describe("tokens that DingTalk doesn't extend", () => {
  beforeEach(() => void simulator.control.setSettings({ repeatedFetch: "remaining" }));

  /** Makes an app whose early renewal returned the same token and expiry. */
  async function makeUnextended(service: TokenService): Promise<AppRef> {
    const app = await makeApp(pair);
    const caller = await callerOf(app, app.appId, service);
    await caller.token.current();
    simulator.control.advanceClock(LIFE_MS - 10 * MINUTE);
    await runSchedule(service, app);
    return app;
  }

  test("records that the token was not extended, with its renewal at its expiry", async () => {
    const app = await makeUnextended(newTokenService());
    const expiresAt = new Date(now() + 10 * MINUTE);

    expect(await storedToken(app)).toMatchObject({
      version: 1,
      expires_at: expiresAt,
      not_extended_until: expiresAt,
      renew_at: expiresAt,
    });
    const jobs = await storedJobs(admin, "token.renew", `${app.organizationId}/${app.appId}`);
    expect(jobs).toMatchObject([{ state: "created", start_after: expiresAt }]);
  });

  test("uses the token until it expires, without another request", async () => {
    const service = newTokenService();
    const app = await makeUnextended(service);
    const caller = await callerOf(app, app.appId, service);
    const token = await caller.token.current();
    simulator.control.clearCalls();
    simulator.control.advanceClock(10 * MINUTE - 1);
    await runSchedule(service, app);

    expect((await caller.token.current()).reveal()).toBe(token.reveal());
    expect(tokenRequests().total).toBe(0);
  });

  test("replaces the token when it expires, with one call for all readers", async () => {
    const service = newTokenService();
    const app = await makeUnextended(service);
    const caller = await callerOf(app, app.appId, service);
    const token = await caller.token.current();
    simulator.control.clearCalls();
    simulator.control.advanceClock(10 * MINUTE);
    const readers = Array.from({ length: 20 }, () => caller.token.current());
    const [, ...read] = await Promise.all([runSchedule(service, app), ...readers]);

    expect(new Set(read.map((each) => each.reveal())).size).toBe(1);
    expect(read[0]?.reveal()).not.toBe(token.reveal());
    expect(tokenRequests().total).toBe(1);
  });

  test("replaces the token within two seconds even if DingTalk accepts it a little longer", async () => {
    const app = await makeUnextended(newTokenService());
    const { expires_at: expiresAt } = await storedToken(app);
    const early = await callerOf(app, app.appId, newTokenService(700));
    const token = await early.token.current();
    simulator.control.advanceClock(10 * MINUTE - 700);
    // The token has expired by Dingkeep's clock. DingTalk has 0.7 s left and states a whole second.
    expect((await early.token.current()).reveal()).toBe(token.reveal());
    expect(await storedToken(app)).toMatchObject({
      renew_at: new Date((expiresAt?.getTime() ?? 0) + SECOND),
    });
    simulator.control.advanceClock(SECOND);

    expect((await early.token.current()).reveal()).not.toBe(token.reveal());
    // The first, the early one, the one at the expiry, and the one after it.
    expect(tokenRequests().total).toBe(4);
  });

  test("replaces the token at once if DingTalk ends it early", async () => {
    const service = newTokenService();
    const app = await makeUnextended(service);
    const caller = await callerOf(app, app.appId, service);
    const dead = await caller.token.current();
    simulator.control.revokeTokens(pair.appKey);

    expect((await caller.token.replace(dead)).reveal()).not.toBe(dead.reveal());
    expect(await storedToken(app)).toMatchObject({ version: 2, not_extended_until: null });
  });
});

describe("life of a token", () => {
  test.each([
    ["missing", LIFE_MS],
    ["zero", LIFE_MS],
    ["negative", LIFE_MS],
    ["text", 3_600 * SECOND],
    ["normal", 3_600 * SECOND],
  ] as const)("derives the token's life from a lifetime that is %s", async (lifetimeField, lifeMs) => {
    simulator.control.setSettings({ lifetimeField, tokenLifetimeSeconds: 3_600 });
    const app = await makeApp(pair);
    await (await callerOf(app, app.appId, newTokenService())).token.current();

    expect(await storedToken(app)).toMatchObject({
      obtained_at: new Date(now()),
      expires_at: new Date(now() + lifeMs),
      renew_at: new Date(now() + lifeMs - 10 * MINUTE),
    });
  });

  test("a token that is extended in time keeps its string, so that no reader waits", async () => {
    const service = newTokenService();
    const app = await makeApp(pair);
    const caller = await callerOf(app, app.appId, service);
    const token = await caller.token.current();
    simulator.control.advanceClock(LIFE_MS - 10 * MINUTE);
    await runSchedule(service, app);

    expect((await caller.token.current()).reveal()).toBe(token.reveal());
    expect(await storedToken(app)).toMatchObject({
      version: 2,
      expires_at: new Date(now() + LIFE_MS),
      changed_at: new Date(now() - LIFE_MS + 10 * MINUTE),
    });
  });
});
