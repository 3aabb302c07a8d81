import { describe, expect, test } from "vitest";
import type { AppRef } from "@/lib/app-ref";
import { grantToKey } from "@/lib/auth/actor";
import { isHearing } from "@/lib/db/notifications";
import { stopWaiting } from "@/lib/stopping";
import { connectionsInUse, countConnections } from "@/lib/testing/connections";
import { makeApp } from "@/lib/testing/factories";
import { tokenTests } from "@/lib/testing/token-tests";
import type { TokenService } from "../renewal/token-service";
import { tokenReader } from "../test-support/test-dingtalk";
import { invalidateToken } from "./invalidate-token";
import { longPoll, waitForNewer } from "./long-poll";
import { readLease } from "./read-lease";

const MINUTE = 60_000;
const LIFE_MS = 120 * MINUTE;

const { pair, simulator, now, newTokenService, asked } = tokenTests("waiting", {
  clock: "frozen",
  settings: { repeatedFetch: "new" },
});

const read = (service: TokenService, app: AppRef) => readLease(tokenReader(app), app.appId, { service });
const wait = (service: TokenService, app: AppRef, waitMs: number, signal?: AbortSignal) =>
  waitForNewer(tokenReader(app), app.appId, { afterVersion: 1, waitMs }, { service, signal });

/** Makes a service whose pauses advance the simulator's clock. */
function makeQuickService(): TokenService {
  return { ...newTokenService(), pause: async (ms) => void simulator.control.advanceClock(ms) };
}

describe("waitForNewer", () => {
  test("returns the current lease when the time is over", async () => {
    const service = makeQuickService();
    const app = await makeApp(pair);
    await read(service, app);
    const before = now();

    expect(await wait(service, app, 30_000)).toMatchObject({ version: 1 });
    expect(now() - before).toBeGreaterThanOrEqual(30_000);
    expect(asked()).toBe(1);
  });

  test("renews a token that becomes due during the wait, and returns the new lease", async () => {
    const service = makeQuickService();
    const app = await makeApp(pair);
    await read(service, app);
    simulator.control.advanceClock(LIFE_MS - 5 * MINUTE - 10_000);

    expect(await wait(service, app, 30_000)).toMatchObject({ version: 2 });
  });

  test("returns the new lease to 500 waiting requests at once, without a database connection for each", async () => {
    const services = [newTokenService(), newTokenService()] as const;
    const app = await makeApp(pair);
    await expect.poll(isHearing).toBe(true);
    for (const service of services) await read(service, app);
    const waits = Array.from({ length: 500 }, (_, index) =>
      wait(services[index % 2 ? 0 : 1], app, 10 * MINUTE),
    );
    await expect.poll(connectionsInUse).toBe(0);
    const taken = await countConnections(async () => {
      await invalidateToken(tokenReader(app), app.appId, 1, { service: newTokenService() });
      const leases = await Promise.all(waits);
      expect(leases.every(({ version }) => version === 2)).toBe(true);
    });

    // The connections of the renewal and of both services, fewer than one per request.
    expect(taken).toBeLessThan(250);
  });

  test("ends the wait when the caller aborts", async () => {
    const service = newTokenService();
    const app = await makeApp(pair);
    await read(service, app);
    const controller = new AbortController();
    const waiting = wait(service, app, 10 * MINUTE, controller.signal);
    controller.abort(new Error("gone"));

    await expect(waiting).rejects.toThrow("gone");
  });

  test("throws a failure at once", async () => {
    const app = await makeApp(pair, { state: "disabled" });

    await expect(wait(newTokenService(), app, 10 * MINUTE)).rejects.toMatchObject({ code: "conflict" });
  });
});

describe("longPoll", () => {
  const { pair, simulator } = tokenTests("longpoll");
  const { signal } = new AbortController();

  test("S30 limits one organization to half of the long polls of a server, so that another gets a place", async () => {
    Object.assign(process.env, { DINGTALK_OAPI_URL: simulator.url, DINGTALK_API_URL: simulator.url });
    const [app, other] = [await makeApp(pair), await makeApp(pair)];
    await readLease(tokenReader(app), app.appId);
    const end = new AbortController();
    const poll = (key: number, waitMs: number) => {
      const keyId = `018f0000-0000-7000-8000-${String(key).padStart(12, "0")}`;
      const scopes = new Set(["token:read"] as const);
      const actor = grantToKey({ organizationId: app.organizationId, keyId, scopes }, "token:read");
      return longPoll(actor, app.appId, { afterVersion: 1, waitMs }, end.signal);
    };
    const waiting = Promise.allSettled(
      Array.from({ length: 1_000 }, (_, index) => poll(Math.floor(index / 100), 600_000)),
    );
    await expect(poll(10, 0)).rejects.toMatchObject({ code: "rate_limited", retryAfterSeconds: 5 });
    const lease = longPoll(tokenReader(other), other.appId, { afterVersion: 0, waitMs: 600_000 }, end.signal);
    await expect(lease).resolves.toMatchObject({ version: 1 });
    end.abort();
    await waiting;
  });

  test("ends all waits with a retry time when the server stops", async () => {
    Object.assign(process.env, { DINGTALK_OAPI_URL: simulator.url, DINGTALK_API_URL: simulator.url });
    const app = await makeApp(pair);
    await readLease(tokenReader(app), app.appId);
    const waiting = longPoll(tokenReader(app), app.appId, { afterVersion: 1, waitMs: 600_000 }, signal);
    stopWaiting();
    await expect(waiting).rejects.toMatchObject({ code: "unavailable", retryAfterSeconds: 1 });
  });
});
