import { describe, expect, test } from "vitest";
import type { AppRef } from "@/lib/app-ref";
import { isListening } from "@/lib/db/notifications";
import { connectionsInUse, countConnections } from "@/lib/testing/connections";
import { makeApp } from "@/lib/testing/factories";
import { tokenTests } from "@/lib/testing/token-tests";
import type { TokenService } from "../renewal/token-service";
import { tokenReader } from "../test-support/test-dingtalk";
import { invalidateToken } from "./invalidate-token";
import { waitForNewer } from "./long-poll";
import { readLease } from "./read-lease";

const MINUTE = 60_000;
const LIFE_MS = 120 * MINUTE;

const { pair, simulator, now, newTokenService, tokenRequests } = tokenTests("waiting", {
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
    expect(tokenRequests()).toBe(1);
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
    await expect.poll(isListening).toBe(true);
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

  test("ends the wait for a newer token when the caller aborts", async () => {
    const service = newTokenService();
    const app = await makeApp(pair);
    await read(service, app);
    const controller = new AbortController();
    const waiting = wait(service, app, 10 * MINUTE, controller.signal);
    controller.abort(new Error("gone"));

    await expect(waiting).rejects.toThrow("gone");
  });

  test("throws a failure during the wait at once", async () => {
    const app = await makeApp(pair, { state: "disabled" });

    await expect(wait(newTokenService(), app, 10 * MINUTE)).rejects.toMatchObject({ code: "conflict" });
  });
});
