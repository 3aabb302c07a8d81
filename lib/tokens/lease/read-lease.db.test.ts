import { describe, expect, test } from "vitest";
import type { AppRef } from "@/lib/app-ref";
import { isListening } from "@/lib/db/notifications";
import { connectionsInUse, countConnections, countConnectionsOf } from "@/lib/testing/connections";
import { makeApp, makeOrganization } from "@/lib/testing/factories";
import { tokenTests } from "@/lib/testing/token-tests";
import { callerOf } from "../dingtalk-caller";
import type { TokenService } from "../renewal/token-service";
import { storedToken } from "../test-support/stored-token";
import { makePausedTokenService, tokenReader } from "../test-support/test-dingtalk";
import { type Lease, readLease } from "./read-lease";

const MINUTE = 60_000;
const LIFE_MS = 120 * MINUTE;

const { pair, simulator, now, makeDingtalk, newTokenService, tokenRequests, runSchedule } = tokenTests(
  "lease",
  {
    clock: "frozen",
  },
);

const read = (service: TokenService, app: AppRef) => readLease(tokenReader(app), app.appId, { service });
const leftMs = ({ expiresAt }: Lease) => expiresAt.getTime() - now();

/** Waits until the process remembers the lease. The NOTIFY of its own renewal clears the first memory. */
async function untilCached(service: TokenService, app: AppRef): Promise<void> {
  await expect.poll(isListening).toBe(true);
  await expect
    .poll(async () => (await read(service, app)).accessToken === (await read(service, app)).accessToken)
    .toBe(true);
}

describe("readLease", () => {
  test("returns the token, its expiry, its version and the first receipt of its string", async () => {
    const app = await makeApp(pair);
    const lease = await read(newTokenService(), app);

    expect(lease).toMatchObject({ version: 1, changedAt: new Date(now()), isStale: false });
    expect(leftMs(lease)).toBe(LIFE_MS);
    expect(JSON.stringify(lease)).not.toContain(lease.accessToken.reveal());
    const fromAnother = await read(newTokenService(), app);
    expect(fromAnother).toEqual(lease);
    expect(fromAnother.accessToken.reveal()).toBe(lease.accessToken.reveal());
  });

  test("waits for a renewal if less than five minutes of life are left and DingTalk extends the token", async () => {
    const service = newTokenService();
    const app = await makeApp(pair);
    const first = await read(service, app);
    simulator.control.advanceClock(LIFE_MS - 5 * MINUTE - 1);
    expect(leftMs(await read(service, app))).toBe(5 * MINUTE + 1);
    expect(tokenRequests()).toBe(1);
    simulator.control.advanceClock(1);
    const later = await read(service, app);

    expect(leftMs(later)).toBe(LIFE_MS);
    expect(later.accessToken.reveal()).toBe(first.accessToken.reveal());
    expect(later).toMatchObject({ version: 2, changedAt: first.changedAt });
    expect(tokenRequests()).toBe(2);
  });

  test("returns the remaining life after one request if DingTalk doesn't extend the token", async () => {
    simulator.control.setSettings({ repeatedFetch: "remaining" });
    const service = newTokenService();
    const app = await makeApp(pair);
    await read(service, app);
    simulator.control.advanceClock(LIFE_MS - 4 * MINUTE);
    for (let reads = 0; reads < 3; reads += 1) {
      expect(await read(service, app)).toMatchObject({ version: 1 });
    }
    expect(tokenRequests()).toBe(2);
    simulator.control.advanceClock(4 * MINUTE);
    const next = await read(service, app);

    expect(next).toMatchObject({ version: 2, changedAt: new Date(now()) });
    expect(leftMs(next)).toBe(LIFE_MS);
    expect(tokenRequests()).toBe(3);
  });

  test("raises the version only with a renewal that changes the string or expiry", async () => {
    simulator.control.setSettings({ repeatedFetch: "remaining" });
    const service = newTokenService();
    const app = await makeApp(pair);
    await read(service, app);
    simulator.control.advanceClock(LIFE_MS - 10 * MINUTE);
    await runSchedule(service, app);
    expect((await read(service, app)).version).toBe(1);
    simulator.control.setSettings({ repeatedFetch: "new" });
    simulator.control.advanceClock(10 * MINUTE);
    await runSchedule(service, app);

    expect((await read(service, app)).version).toBe(2);
    expect(tokenRequests()).toBe(3);
  });

  test("returns the valid token during an outage of DingTalk, and throws the failure after its expiry", async () => {
    const service = newTokenService();
    const app = await makeApp(pair);
    const first = await read(service, app);
    simulator.control.addFault({ path: "*", fault: { kind: "status", status: 500 } });
    simulator.control.advanceClock(LIFE_MS - 4 * MINUTE);
    const during = await read(service, app);
    expect(during.accessToken.reveal()).toBe(first.accessToken.reveal());
    simulator.control.advanceClock(4 * MINUTE);

    await expect(read(service, app)).rejects.toMatchObject({ kind: "temporary_fault" });
  });

  test("S13 throws not_found for an app of another organization, as for an unknown app", async () => {
    const app = await makeApp(pair);
    await read(newTokenService(), app);
    const stranger = tokenReader(await makeOrganization());

    for (const appId of [app.appId, crypto.randomUUID(), "no-id"]) {
      const wrong = async () => readLease(stranger, appId, { service: newTokenService() });
      await expect(wrong()).rejects.toMatchObject({ code: "not_found" });
    }
  });
});

describe("readLease and the database", () => {
  test("makes no query for a thousand reads of a fresh lease", async () => {
    const service = newTokenService();
    const app = await makeApp(pair);
    const readOften = async () => {
      for (let reads = 0; reads < 1_000; reads += 1) await read(service, app);
    };
    await expect.poll(() => countConnectionsOf(readOften)).toBe(0);
    // Also in the last minutes of a token that DingTalk doesn't extend
    simulator.control.setSettings({ repeatedFetch: "remaining" });
    simulator.control.advanceClock(LIFE_MS - 4 * MINUTE);
    await expect.poll(() => countConnectionsOf(() => read(service, app))).toBe(0);
  });

  test("holds no connection while 500 readers wait for a renewal", async () => {
    const app = await makeApp(pair);
    const { service, claimed, release } = makePausedTokenService(makeDingtalk());
    const first = read(service, app);
    await claimed;
    const elsewhere = newTokenService();
    const others = Array.from({ length: 500 }, (_, index) => read(index % 2 ? service : elsewhere, app));
    await expect.poll(connectionsInUse).toBe(0);
    const looked = await countConnections(async () => {
      release();
      await Promise.all([first, ...others]);
    });

    expect(tokenRequests()).toBe(1);
    // The statements of the renewal and the reads of both services, with some repeats, but not one per reader.
    expect(looked).toBeLessThan(250);
  });

  test("serves a new token in every process soon after its renewal", async () => {
    simulator.control.setSettings({ repeatedFetch: "new" });
    const [here, elsewhere] = [newTokenService(), newTokenService()];
    const app = await makeApp(pair);
    await untilCached(here, app);
    const dead = (await read(here, app)).accessToken;
    await (await callerOf(app, app.appId, elsewhere)).token.replace(dead);

    await expect.poll(async () => (await read(here, app)).version).toBe(2);
    expect((await storedToken(app)).version).toBe(2);
  });
});
