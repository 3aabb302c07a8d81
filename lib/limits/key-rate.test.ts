import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CircuitBreaker } from "./egress/database-circuit-breaker";
import { DatabaseClock } from "./egress/database-clock";
import { VirtualClock } from "./egress/test-support/virtual-clock";
import { KeyRates } from "./key-rate";

const MINUTE_MS = 60_000;
/** Any time that isn't the beginning of a minute. */
const START_MS = 20_000;

/** Servers on one database, which counts as the statement in `request-rate.ts` does; that one has a test of its own. */
async function openServers(count: number) {
  const clock = new VirtualClock();
  const counted = new Map<string, number>();
  const state = { isAway: false, leases: 0 };
  const servers = Array.from({ length: count }, (_, index) => {
    const ours = clock.seenBy(index * 300);
    return new KeyRates({
      clock: ours,
      database: new DatabaseClock(ours, clock.now()),
      breaker: new CircuitBreaker(ours, () => {}),
      lease: async (key, requested, aheadMs) => {
        if (state.isAway) throw new Error("away");
        state.leases += 1;
        await clock.sleep(2);
        const now = clock.now();
        const minute = Math.floor((now + aheadMs) / MINUTE_MS);
        const requests = (counted.get(`${key}/${minute}`) ?? 0) + requested;
        counted.set(`${key}/${minute}`, requests);
        await clock.sleep(2);
        return { minute, requests, now };
      },
    });
  });
  await clock.pass(START_MS);
  return { clock, servers, state };
}

type Servers = Awaited<ReturnType<typeof openServers>>;

/** Requests at a steady pace to each server in turn. @returns how many went on, by minute */
async function ask({ clock, servers }: Servers, limit: number, perSecond: number, seconds: number) {
  const allowed = new Map<number, number>();
  for (let request = 0; request < perSecond * seconds; request += 1) {
    const server = servers[request % servers.length];
    const take = async () => {
      const minute = Math.floor(clock.now() / MINUTE_MS);
      if ((await server?.take("key", limit))?.isAllowed) allowed.set(minute, (allowed.get(minute) ?? 0) + 1);
    };
    clock.at(clock.now() + (request * 1_000) / perSecond, () => void take());
  }
  await clock.pass(seconds * 1_000 + 100);
  return allowed;
}

describe("requests per minute of a key", () => {
  test("requests never exceed the limit, with any number of servers and any arrival times", async () => {
    const plan = fc.record({
      servers: fc.integer({ min: 1, max: 5 }),
      limit: fc.integer({ min: 1, max: 300 }),
      perSecond: fc.integer({ min: 1, max: 20 }),
    });
    await fc.assert(
      fc.asyncProperty(plan, async ({ servers: count, limit, perSecond }) => {
        const allowed = await ask(await openServers(count), limit, perSecond, 70);
        // A request that waits across the end of a minute counts for the next one
        for (const requests of allowed.values()) expect(requests).toBeLessThanOrEqual(limit + 1);
      }),
      { numRuns: 25 },
    );
  });

  test.each([1, 3, 8])("requests reach at least nine tenths of the limit with %i servers", async (count) => {
    const servers = await openServers(count);
    await servers.clock.pass(MINUTE_MS - START_MS);
    const allowed = await ask(servers, 600, 20, 55);
    expect(allowed.get(1)).toBeLessThanOrEqual(600);
    expect(allowed.get(1)).toBeGreaterThanOrEqual(540);
  });

  test("requests reach at least nine tenths of the limit when only one of three servers gets them", async () => {
    const servers = await openServers(3);
    await servers.clock.pass(MINUTE_MS - START_MS);
    const before = (await ask(servers, 600, 15, 20)).get(1) ?? 0;
    const after = (await ask({ ...servers, servers: servers.servers.slice(0, 1) }, 600, 20, 35)).get(1) ?? 0;
    expect(before + after).toBeGreaterThanOrEqual(540);
  });

  test("requests need no query once a server has leased some, also across the end of a minute", async () => {
    const { clock, servers, state } = await openServers(1);
    const [server] = servers;
    await Promise.all([server?.take("key", 6_000), clock.pass(100)]);
    let asked = 0;
    for (let request = 0; request < 5_000; request += 1) {
      await clock.pass(10);
      if (server?.take("key", 6_000) instanceof Promise) asked += 1;
    }
    expect(clock.now()).toBeGreaterThan(MINUTE_MS);
    expect(asked).toBe(0);
    expect(state.leases).toBeLessThan(80);
  });

  test("refuses requests above the limit without a query until the minute ends, and states it in headers", async () => {
    const { clock, servers, state } = await openServers(1);
    const take = async () => (await Promise.all([servers[0]?.take("key", 3), clock.pass(50)]))[0];
    const told = [await take(), await take(), await take(), await take()];
    expect(told.map((one) => one?.isAllowed)).toEqual([true, true, true, false]);
    expect(told.map((one) => one?.remaining)).toEqual([2, 1, 0, 0]);
    expect(told[3]).toMatchObject({ limit: 3, resetSeconds: 40 });
    const leases = state.leases;
    await take();
    expect(state.leases).toBe(leases);
    await clock.pass(MINUTE_MS - START_MS);
    expect(await take()).toMatchObject({ isAllowed: true, resetSeconds: 60 });
  });

  test("requests do not count for another key", async () => {
    const { clock, servers } = await openServers(1);
    const take = async (key: string) => (await Promise.all([servers[0]?.take(key, 1), clock.pass(50)]))[0];
    expect(await take("one")).toMatchObject({ isAllowed: true });
    expect(await take("one")).toMatchObject({ isAllowed: false });
    expect(await take("two")).toMatchObject({ isAllowed: true });
  });

  test("limits requests to a quarter on each server while the database is away", async () => {
    const servers = await openServers(1);
    servers.state.isAway = true;
    const allowed = await ask(servers, 400, 20, 30);
    expect(allowed.get(0)).toBe(100);
  });
});
