import { describe, expect, test } from "vitest";
import type { AppRef } from "@/lib/app-ref";
import { makeApp, makeOrganization } from "@/lib/testing/factories";
import { tokenTests } from "@/lib/testing/token-tests";
import type { TokenService } from "../renewal/token-service";
import { storedState, storedToken } from "../test-support/stored-token";
import { makePausedTokenService, tokenReader } from "../test-support/test-dingtalk";
import { invalidateToken } from "./invalidate-token";
import { readLease } from "./read-lease";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

const { pair, simulator, now, makeDingtalk, newTokenService, tokenRequests, runSchedule } = tokenTests(
  "refused",
  {
    clock: "frozen",
  },
);

const read = (service: TokenService, app: AppRef) => readLease(tokenReader(app), app.appId, { service });
const invalidate = (service: TokenService, app: AppRef, version: number) =>
  invalidateToken(tokenReader(app), app.appId, version, { service });

/** Makes an app whose token was read and then revoked by DingTalk. */
async function makeDead(service: TokenService) {
  const app = await makeApp(pair);
  const lease = await read(service, app);
  simulator.control.revokeTokens(pair.appKey);
  return { app, dead: lease.accessToken.reveal() };
}

/** Makes a service that reports when it waits for another process's renewal. */
function seenWaiting(service: TokenService) {
  const { promise: waits, resolve } = Promise.withResolvers<void>();
  const pause: TokenService["pause"] = (ms, signal) => {
    resolve();
    return service.pause(ms, signal);
  };
  return { service: { ...service, pause }, waits };
}

describe("invalidateToken", () => {
  test("renews the token once for reports from all processes", async () => {
    const { app, dead } = await makeDead(newTokenService());
    const services = [newTokenService(), newTokenService(), newTokenService()];
    const reports = services.flatMap((service) =>
      Array.from({ length: 5 }, () => invalidate(service, app, 1)),
    );
    const answers = await Promise.all(reports);

    expect(new Set(answers.map(({ lease }) => lease.accessToken.reveal())).size).toBe(1);
    expect(answers[0]?.lease.accessToken.reveal()).not.toBe(dead);
    expect(answers.every(({ isChanged, lease }) => isChanged && lease.version === 2)).toBe(true);
    expect(tokenRequests()).toBe(2);
    expect(await storedState(app)).toMatchObject({ state: "verified" });
  });

  test("returns the current token without a renewal for a report of an older version", async () => {
    const service = newTokenService();
    const { app } = await makeDead(service);
    await invalidate(service, app, 1);
    const late = await invalidate(newTokenService(), app, 1);

    expect(late).toMatchObject({ isChanged: true, lease: { version: 2 } });
    expect(tokenRequests()).toBe(2);
  });

  test("forces one renewal in 30 s, and then throws rate_limited with a retry time", async () => {
    simulator.control.setSettings({ repeatedFetch: "new" });
    const service = newTokenService();
    const { app } = await makeDead(service);
    await invalidate(service, app, 1);
    simulator.control.advanceClock(10 * SECOND);
    await expect(invalidate(newTokenService(), app, 2)).rejects.toMatchObject({
      code: "rate_limited",
      retryAfterSeconds: 20,
    });
    simulator.control.advanceClock(20 * SECOND);

    expect(await invalidate(newTokenService(), app, 2)).toMatchObject({ lease: { version: 3 } });
    expect(tokenRequests()).toBe(3);
  });

  test("forces five renewals in ten minutes, and leaves the sixth attempt to the expiry", async () => {
    simulator.control.setSettings({ repeatedFetch: "new" });
    const service = newTokenService();
    const { app } = await makeDead(service);
    for (let version = 1; version <= 4; version += 1) {
      await invalidate(service, app, version);
      simulator.control.advanceClock(30 * SECOND);
    }

    await expect(invalidate(service, app, 5)).rejects.toMatchObject({
      code: "unavailable",
      status: 503,
      kind: "renewals_used_up",
      retryAfterSeconds: 8 * 60 + 1,
    });
    expect(tokenRequests()).toBe(5);
  });

  test("throws not_found for an app of another organization", async () => {
    const { app } = await makeDead(newTokenService());
    const stranger = tokenReader(await makeOrganization());

    const wrong = async () => invalidateToken(stranger, app.appId, 1, { service: newTokenService() });
    await expect(wrong()).rejects.toMatchObject({ code: "not_found" });
    expect(tokenRequests()).toBe(1);
  });
});

describe.each([
  ["with a later expiry", "extended", 2],
  ["with its remaining life", "remaining", 1],
] as const)("invalidateToken if DingTalk returns the same string %s", (_, repeatedFetch, version) => {
  async function makeSameToken(service: TokenService) {
    simulator.control.setSettings({ repeatedFetch });
    const app = await makeApp(pair);
    await read(service, app);
    // Lets the expiry move if DingTalk extends the token.
    simulator.control.advanceClock(2 * MINUTE);
    return app;
  }

  test("reports an unchanged string and degrades the app", async () => {
    const service = newTokenService();
    const app = await makeSameToken(service);
    const answer = await invalidate(service, app, 1);

    expect(answer).toMatchObject({ isChanged: false, lease: { version } });
    expect(await storedState(app)).toMatchObject({
      state: "degraded",
      state_reason: { kind: "same_token_insisted", host: new URL(simulator.url).host },
    });
    expect((await storedToken(app)).last_error).toBeNull();
  });

  test("makes one request to DingTalk for simultaneous reports", async () => {
    const app = await makeSameToken(newTokenService());
    const { service, claimed, release } = makePausedTokenService(makeDingtalk());
    const first = invalidate(service, app, 1);
    await claimed;
    const others = [seenWaiting(newTokenService()), seenWaiting(newTokenService())];
    const reports = others.map((one) => invalidate(one.service, app, 1));
    await Promise.all(others.map((one) => one.waits));
    release();

    for (const answer of await Promise.all([first, ...reports])) {
      expect(answer).toMatchObject({ isChanged: false, lease: { version } });
    }
    expect(tokenRequests()).toBe(2);
  });

  test("forces no renewal for five minutes, and verifies the app after a successful one", async () => {
    const service = newTokenService();
    const app = await makeSameToken(service);
    await invalidate(service, app, 1);
    simulator.control.advanceClock(5 * MINUTE - SECOND);
    await expect(invalidate(service, app, version)).rejects.toMatchObject({
      code: "rate_limited",
      retryAfterSeconds: 1,
    });
    simulator.control.advanceClock(SECOND);
    simulator.control.revokeTokens(pair.appKey);
    const answer = await invalidate(service, app, version);

    expect(answer).toMatchObject({ isChanged: true, lease: { version: version + 1 } });
    expect(await storedState(app)).toMatchObject({ state: "verified", state_reason: null });
    expect(tokenRequests()).toBe(3);
  });
});

test("a report of an earlier version of the same string renews nothing", async () => {
  const service = newTokenService();
  const app = await makeApp(pair);
  await read(service, app);
  simulator.control.advanceClock(110 * MINUTE);
  await runSchedule(service, app);

  expect(await invalidate(service, app, 1)).toMatchObject({ isChanged: false, lease: { version: 2 } });
  expect(tokenRequests()).toBe(2);
  expect((await storedToken(app)).obtained_at).toEqual(new Date(now()));
});
