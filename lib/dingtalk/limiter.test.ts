import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EgressBanned, InProcessLimiter, TurnTooLate } from "./limiter";

const START_MS = Date.UTC(2026, 0, 1);
const key = { limiterId: "ding1", api: "auth/scopes" };

/** Creates a limiter whose clock moves only while it waits. */
function makeLimiter(callsPerSecond?: number) {
  const clock = { nowMs: START_MS };
  const limiter = new InProcessLimiter({
    ...(callsPerSecond === undefined ? {} : { callsPerSecond }),
    now: () => clock.nowMs,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      clock.nowMs += ms;
    },
  });
  return { limiter, clock };
}

/** Returns the largest number of calls in any window of a second. */
function mostInOneSecond(timesMs: readonly number[]): number {
  return Math.max(
    ...timesMs.map((start) => timesMs.filter((at) => at >= start && at < start + 1_000).length),
  );
}

describe("InProcessLimiter", () => {
  test("lets exactly 20 calls through in a second", async () => {
    const { limiter, clock } = makeLimiter();
    const times: number[] = [];
    for (let call = 0; call < 21; call += 1) {
      await limiter.take(key);
      times.push(clock.nowMs - START_MS);
    }
    expect(times.slice(0, 20)).toEqual(Array(20).fill(0));
    expect(times[20]).toBe(1_050);
  });

  test("refuses a call at once whose turn comes after its maximum wait, with the time until the turn", async () => {
    const { limiter, clock } = makeLimiter(1);
    limiter.penalize(key, START_MS + 60_000);
    const refused = limiter.take({ ...key, waitMs: 59_000 });
    await expect(refused).rejects.toEqual(new TurnTooLate(60_000));
    expect(clock.nowMs).toBe(START_MS);
    await limiter.take({ ...key, waitMs: 61_000 });
    expect(clock.nowMs).toBe(START_MS + 60_000);
  });

  test("never exceeds the limit in any window of a second", async () => {
    const pauses = fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 1, maxLength: 80 });
    await fc.assert(
      fc.asyncProperty(pauses, fc.integer({ min: 1, max: 7 }), async (pausesMs, callsPerSecond) => {
        const { limiter, clock } = makeLimiter(callsPerSecond);
        const times: number[] = [];
        for (const pauseMs of pausesMs) {
          clock.nowMs += pauseMs;
          await limiter.take(key);
          times.push(clock.nowMs);
        }
        expect(mostInOneSecond(times)).toBeLessThanOrEqual(callsPerSecond);
      }),
    );
  });

  test("lets concurrent calls through in their order, within the limit", async () => {
    const { limiter, clock } = makeLimiter(5);
    const left: [number, number][] = [];
    await Promise.all(
      Array.from({ length: 12 }, async (_, call) => {
        await limiter.take(key);
        left.push([call, clock.nowMs]);
      }),
    );
    expect(left.map(([call]) => call)).toEqual([...Array(12).keys()]);
    expect(mostInOneSecond(left.map(([, at]) => at))).toBe(5);
  });

  test("limits each app and each API separately", async () => {
    const { limiter, clock } = makeLimiter(1);
    await limiter.take(key);
    await limiter.take({ ...key, api: "gettoken" });
    await limiter.take({ ...key, limiterId: "ding2" });
    expect(clock.nowMs).toBe(START_MS);
  });

  test("pauses only the app and API of a penalty", async () => {
    const { limiter, clock } = makeLimiter();
    limiter.penalize(key, clock.nowMs + 5_000);
    limiter.penalize(key, clock.nowMs + 2_000);
    await limiter.take({ ...key, api: "gettoken" });
    await limiter.take({ ...key, limiterId: "ding2" });
    expect(clock.nowMs).toBe(START_MS);
    await limiter.take(key);
    expect(clock.nowMs).toBe(START_MS + 5_000);
  });

  test("pauses all APIs of an app for a penalty of the whole app", async () => {
    const { limiter, clock } = makeLimiter();
    limiter.penalize({ limiterId: key.limiterId, api: null }, clock.nowMs + 3_000);
    await limiter.take({ ...key, limiterId: "ding2" });
    expect(clock.nowMs).toBe(START_MS);
    await limiter.take(key);
    expect(clock.nowMs).toBe(START_MS + 3_000);
  });

  test("refuses the calls of all apps until a ban of the address ends", async () => {
    const { limiter, clock } = makeLimiter();
    limiter.penalize("egress", clock.nowMs + 300_000);
    clock.nowMs += 1_000;
    await expect(limiter.take({ ...key, limiterId: "ding2" })).rejects.toEqual(new EgressBanned(299_000));
    clock.nowMs += 299_000;
    await limiter.take(key);
  });

  test("rejects an aborted waiting call, and lets the calls behind it pass", async () => {
    const gate = Promise.withResolvers<void>();
    const clock = { nowMs: START_MS };
    const limiter = new InProcessLimiter({
      callsPerSecond: 1,
      now: () => clock.nowMs,
      sleep: async (ms) => {
        await gate.promise;
        clock.nowMs += ms;
      },
    });
    const controller = new AbortController();
    await limiter.take(key);
    const second = limiter.take(key);
    const third = limiter.take(key, controller.signal);
    const fourth = limiter.take(key);

    controller.abort(new Error("gave up"));
    await expect(third).rejects.toThrow("gave up");
    gate.resolve();
    await Promise.all([second, fourth]);
    expect(clock.nowMs).toBe(START_MS + 2_100);
  });

  test("does not pause calls for as long as the clock was set back", async () => {
    const { limiter, clock } = makeLimiter(1);
    await limiter.take(key);
    limiter.penalize(key, clock.nowMs + 1_000);
    clock.nowMs -= 24 * 3_600_000;
    const before = clock.nowMs;
    await limiter.take(key);
    expect(clock.nowMs - before).toBeLessThanOrEqual(1_050);
  });

  test("keeps the pause of an app when it removes idle apps", async () => {
    const { limiter, clock } = makeLimiter(1);
    limiter.penalize(key, clock.nowMs + 600_000);
    for (let app = 0; app < 3_000; app += 1) {
      clock.nowMs += 100;
      await limiter.take({ limiterId: `ding-${app}`, api: "gettoken" });
    }
    await limiter.take(key);
    expect(clock.nowMs).toBe(START_MS + 600_000);
  });
});
