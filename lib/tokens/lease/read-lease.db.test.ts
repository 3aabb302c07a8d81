import { describe, expect, test } from "vitest";
import type { AppRef } from "@/lib/app-ref";
import { isHearing } from "@/lib/db/notifications";
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

const { pair, simulator, now, way, newTokenService, asked, runSchedule } = tokenTests("lease", {
  clock: "frozen",
});

const read = (service: TokenService, app: AppRef) => readLease(tokenReader(app), app.appId, { service });
const leftMs = ({ expiresAt }: Lease) => expiresAt.getTime() - now();

/** Once the process remembers the lease: the notice of its own renewal is heard after that. */
async function untilCached(service: TokenService, app: AppRef): Promise<void> {
  await expect.poll(isHearing).toBe(true);
  await expect
    .poll(async () => (await read(service, app)).accessToken === (await read(service, app)).accessToken)
    .toBe(true);
}

describe("a lease", () => {
  test("is the token, its end, its version and since when it is that string", async () => {
    const app = await makeApp(pair);
    const lease = await read(newTokenService(), app);

    expect(lease).toMatchObject({ version: 1, changedAt: new Date(now()), isStale: false });
    expect(leftMs(lease)).toBe(LIFE_MS);
    expect(JSON.stringify(lease)).not.toContain(lease.accessToken.reveal());
    const fromAnother = await read(newTokenService(), app);
    expect(fromAnother).toEqual(lease);
    expect(fromAnother.accessToken.reveal()).toBe(lease.accessToken.reveal());
  });

  test("has five minutes of life or more where DingTalk extends it: whoever finds less waits for that", async () => {
    const service = newTokenService();
    const app = await makeApp(pair);
    const first = await read(service, app);
    simulator.control.advanceClock(LIFE_MS - 5 * MINUTE - 1);
    expect(leftMs(await read(service, app))).toBe(5 * MINUTE + 1);
    expect(asked()).toBe(1);
    simulator.control.advanceClock(1);
    const later = await read(service, app);

    expect(leftMs(later)).toBe(LIFE_MS);
    expect(later.accessToken.reveal()).toBe(first.accessToken.reveal());
    expect(later).toMatchObject({ version: 2, changedAt: first.changedAt });
    expect(asked()).toBe(2);
  });

  test("is what is left where DingTalk doesn't extend it, and asked for once, until it ends", async () => {
    simulator.control.setSettings({ repeatedFetch: "remaining" });
    const service = newTokenService();
    const app = await makeApp(pair);
    await read(service, app);
    simulator.control.advanceClock(LIFE_MS - 4 * MINUTE);
    for (let reads = 0; reads < 3; reads += 1) {
      expect(await read(service, app)).toMatchObject({ version: 1 });
    }
    expect(asked()).toBe(2);
    simulator.control.advanceClock(4 * MINUTE);
    const next = await read(service, app);

    expect(next).toMatchObject({ version: 2, changedAt: new Date(now()) });
    expect(leftMs(next)).toBe(LIFE_MS);
    expect(asked()).toBe(3);
  });

  test("keeps its version over a renewal that brought nothing, and gets the next by one that did", async () => {
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
    expect(asked()).toBe(3);
  });

  test("is the last token that lives while DingTalk is away, and the failure after that", async () => {
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

  test("S13 of another organization's app is not found, as of one that isn't there", async () => {
    const app = await makeApp(pair);
    await read(newTokenService(), app);
    const stranger = tokenReader(await makeOrganization());

    for (const appId of [app.appId, crypto.randomUUID(), "no-id"]) {
      const wrong = async () => readLease(stranger, appId, { service: newTokenService() });
      await expect(wrong()).rejects.toMatchObject({ code: "not_found" });
    }
  });
});

describe("the database", () => {
  test("is not asked for a lease that lives, not once in a thousand reads", async () => {
    const service = newTokenService();
    const app = await makeApp(pair);
    const readOften = async () => {
      for (let reads = 0; reads < 1_000; reads += 1) await read(service, app);
    };
    await expect.poll(() => countConnectionsOf(readOften)).toBe(0);
    // Nor for the last minutes of one that DingTalk doesn't extend
    simulator.control.setSettings({ repeatedFetch: "remaining" });
    simulator.control.advanceClock(LIFE_MS - 4 * MINUTE);
    await expect.poll(() => countConnectionsOf(() => read(service, app))).toBe(0);
  });

  test("lends none of its connections to 500 who wait for a renewal", async () => {
    const app = await makeApp(pair);
    const { service, claimed, release } = makePausedTokenService(way());
    const first = read(service, app);
    await claimed;
    const elsewhere = newTokenService();
    const others = Array.from({ length: 500 }, (_, index) => read(index % 2 ? service : elsewhere, app));
    await expect.poll(connectionsInUse).toBe(0);
    const looked = await countConnections(async () => {
      release();
      await Promise.all([first, ...others]);
    });

    expect(asked()).toBe(1);
    // What is stored, and read by both keepers; now and then once more, but never by each who waits.
    expect(looked).toBeLessThan(250);
  });

  test("tells every process of a change within a time", async () => {
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
