import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { pool } from "@/lib/db/connection-pools";
import { EgressBanned, type Turn } from "@/lib/dingtalk/limiter";
import { LeasedLimiter } from "./call-limiter";
import { systemClock } from "./clock";
import { CircuitBreaker } from "./database-circuit-breaker";
import { DatabaseClock } from "./database-clock";
import { readEgressBan } from "./queries";
import { forgetRate, sharedState } from "./shared-state";
import { sweepLimiter } from "./sweep-limiter";

/** A ban is everybody's to know. */
const ANYBODY = { organizationId: "01890a5d-ac96-774b-bcce-b302099a8057" };

const LIST: Turn = { limiterId: "dinglimiter000000001", api: "topapi/v2/department/listsub" };
const JOB: Turn = { ...LIST, priority: "background" };

let admin: pg.Client;
beforeAll(async () => {
  admin = new pg.Client({ connectionString: process.env.TEST_ADMIN_URL });
  await admin.connect();
});
afterAll(() => admin.end());
beforeEach(() => admin.query("TRUNCATE call_lane, egress_second, egress_ban"));

/** Simulates a process, with its own clock offset and leases. */
function startProcess({ callsPerSecond = 20, callsIn20Seconds = 8_000 } = {}): LeasedLimiter {
  return new LeasedLimiter({
    clock: systemClock,
    database: new DatabaseClock(systemClock),
    breaker: new CircuitBreaker(systemClock, (error) => {
      throw error;
    }),
    shared: sharedState(callsIn20Seconds),
    callsPerSecond,
    callsIn20Seconds,
  });
}

/** When each of many calls was let go, in milliseconds since all were asked for: never sooner on a busy machine. */
async function takeMany(limiters: readonly LeasedLimiter[], turn: Turn, count: number): Promise<number[]> {
  const askedAtMs = performance.now();
  const takes = Array.from({ length: count }, async (_, index) => {
    await limiters[index % limiters.length]?.take(turn);
    return performance.now() - askedAtMs;
  });
  return (await Promise.all(takes)).sort((a, b) => a - b);
}

const banOf = (promise: Promise<void>) =>
  promise.then(
    () => null,
    (error: unknown) => error,
  );

const question = {
  ...LIST,
  callsPerSecond: 20,
  isStated: false,
  aheadMs: 0,
  count: 1,
  priority: "interactive",
} as const;
const { leaseTimes, leaseEgress, pause, ban } = sharedState(8_000);
const spacingOf = async (callsPerSecond: number, isStated: boolean) =>
  Math.round(1_000 / (await leaseTimes({ ...question, callsPerSecond, isStated })).spacingMs / 0.958);

describe("leases of the call limiter", () => {
  test("a lease continues at the end of the previous lease of any process, and never before now", async () => {
    // Enough to last until the next query, also on a busy machine
    const first = await leaseTimes({ ...question, count: 500 });
    const second = await leaseTimes({ ...question, count: 2 });
    expect(first.startsAt).toBe(first.now);
    expect(first.spacingMs).toBeCloseTo(1_000 / 19.16);
    expect(second.startsAt).toBeCloseTo((first.startsAt ?? 0) + 500 * first.spacingMs, 2);
    await admin.query("UPDATE call_lane SET next_at = next_at - 60000, wanted_until = wanted_until - 60000");
    const later = await leaseTimes({ ...question, aheadMs: 7 });
    expect(later.startsAt).toBeCloseTo(later.now + 7, 2);
  });

  test("a lease starts at the current time after the database's clock was set back", async () => {
    await leaseTimes(question);
    await admin.query(
      "UPDATE call_lane SET next_at = next_at + 3600000, wanted_until = wanted_until + 3600000",
    );
    const { now, startsAt } = await leaseTimes({ ...question, priority: "background" });
    expect(startsAt).toBe(now);
  });

  test("refuses a lease to a background call while an interactive call waits, and loses no time slot", async () => {
    const service = await leaseTimes({ ...question, count: 500 });
    const job = await leaseTimes({ ...question, priority: "background" });
    expect(job.startsAt).toBeNull();
    expect(job.wantedUntil).toBeCloseTo((service.startsAt ?? 0) + 501 * service.spacingMs, 2);
    const next = await leaseTimes(question);
    expect(next.startsAt).toBeCloseTo((service.startsAt ?? 0) + 500 * service.spacingMs, 2);
  });

  test("a lease uses the smallest stated rate until it is deleted or an hour old", async () => {
    expect(await spacingOf(40, true)).toBe(40);
    expect(await spacingOf(20, true)).toBe(20);
    expect(await spacingOf(60, true)).toBe(20);
    expect(await spacingOf(40, false)).toBe(20);
    await admin.query("UPDATE call_lane SET rate_until = rate_until - 3600000");
    await spacingOf(60, true);
    expect(await spacingOf(60, true)).toBe(60);
    await spacingOf(20, true);
    await forgetRate(LIST.limiterId);
    expect(await spacingOf(40, true)).toBe(40);
  });

  test("a lease from the address budget gives no more calls than one second has", async () => {
    const { leaseEgress: lease } = sharedState(21 * 10);
    const leased = [await lease(6, 0), await lease(6, 0), await lease(6, 0)];
    const seconds = new Set(leased.map(({ second }) => second));
    if (seconds.size === 1) expect(leased.map(({ count }) => count)).toEqual([6, 4, 0]);
    expect((await leaseEgress(5, 60_000)).second).toBeGreaterThan(leased[2]?.second ?? Infinity);
  });

  test("S18 stores no AppKey in the tables of leases", async () => {
    await leaseTimes(question);
    const { rows } = await admin.query("SELECT key FROM call_lane");
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain("dinglimiter");
  });
});

describe("two processes", () => {
  test("two processes share the rate of an AppKey across organizations, but not of other AppKeys and APIs", async () => {
    const processes = [startProcess(), startProcess()];
    const all = await Promise.all([
      takeMany(processes, LIST, 20),
      takeMany(processes, { ...LIST, limiterId: "dinglimiter000000002" }, 20),
      takeMany(processes, { ...LIST, api: "gettoken" }, 20),
    ]);
    for (const times of all) expect(times.at(-1)).toBeGreaterThan(19 * 50);
  });

  test("two processes both obey a penalty that one received", async () => {
    const [first, second] = [
      startProcess({ callsPerSecond: 1_000 }),
      startProcess({ callsPerSecond: 1_000 }),
    ];
    await second.take(LIST);
    const untilMs = Date.now() + 400;
    await first.penalize({ limiterId: LIST.limiterId, api: null }, untilMs);
    await second.take({ ...LIST, api: "auth/scopes" });
    expect(Date.now()).toBeGreaterThanOrEqual(untilMs - 20);
  });

  test("two processes both refuse all calls during a ban that one received, and pages show it", async () => {
    const [first, second] = [startProcess(), startProcess()];
    expect(await readEgressBan(ANYBODY)).toBeNull();
    await first.penalize("egress", Date.now() + 300_000);
    const refused = await Promise.all(
      [first, second].map((limiter) => banOf(limiter.take({ ...LIST, limiterId: "x" }))),
    );
    for (const error of refused) {
      expect(error).toBeInstanceOf(EgressBanned);
      expect(Math.round((error as EgressBanned).waitMs / 10_000)).toBe(30);
    }
    const seen = await readEgressBan(ANYBODY);
    expect(Math.round(((seen?.endsAt.getTime() ?? 0) - (seen?.beganAt.getTime() ?? 0)) / 10_000)).toBe(30);
    await admin.query("UPDATE egress_ban SET ends_at = now()");
    expect(await readEgressBan(ANYBODY)).toBeNull();
    await second.take({ ...LIST, limiterId: "y" }).catch(() => {});
    await startProcess().take(LIST);
  });

  test("a ban extends a shorter one and never shortens a longer one", async () => {
    await ban(300_000);
    const before = await readEgressBan(ANYBODY);
    await ban(1_000);
    expect(await readEgressBan(ANYBODY)).toEqual(before);
    await ban(400_000);
    expect((await readEgressBan(ANYBODY))?.beganAt).toEqual(before?.beganAt);
    expect((await readEgressBan(ANYBODY))?.endsAt.getTime()).toBeGreaterThan(before?.endsAt.getTime() ?? 0);
  });
});

test("a busy app needs one query for many calls", async () => {
  const limiter = startProcess({ callsPerSecond: 200 });
  const query = vi.spyOn(pool(), "query");
  await takeMany([limiter], LIST, 200);
  expect(query.mock.calls.length).toBeGreaterThan(1);
  expect(query.mock.calls.length).toBeLessThan(100);
  query.mockRestore();
});

test("calls continue at a part of the rate while the database does not answer", async () => {
  const clock = systemClock;
  const down = async () => Promise.reject(new Error("away"));
  const errors: unknown[] = [];
  const limiter = new LeasedLimiter({
    clock,
    database: new DatabaseClock(clock),
    breaker: new CircuitBreaker(clock, (error) => errors.push(error)),
    shared: { leaseTimes: down, leaseEgress: down, pause: down, ban: down },
    callsPerSecond: 200,
    callsIn20Seconds: 8_000,
  });
  await limiter.penalize({ limiterId: "another", api: null }, Date.now() + 60_000);
  expect((await takeMany([limiter], LIST, 10)).at(-1)).toBeGreaterThan(9 * 18);
  expect(errors).toHaveLength(1);
});

test("housekeeping deletes expired rows only", async () => {
  await leaseTimes(question);
  await leaseTimes({ ...JOB, ...question, limiterId: "idle" });
  await admin.query(
    "UPDATE call_lane SET next_at = 1, wanted_until = 1 WHERE ctid = (SELECT max(ctid) FROM call_lane)",
  );
  await pause({ limiterId: "paused", api: null }, 60_000);
  await leaseEgress(1, 0);
  await leaseEgress(1, -120_000);
  await admin.query("INSERT INTO request_minute SELECT 'old' || n, n, 1 FROM generate_series(1, 2500) n");
  await sweepLimiter();
  const count = async (rows: string) => (await admin.query(`SELECT FROM ${rows}`)).rowCount;
  // Other tests share the database and have rows of their own.
  const ours = "request_minute WHERE key LIKE 'old%'";
  expect([await count("call_lane"), await count("egress_second"), await count(ours)]).toEqual([2, 1, 0]);
});
