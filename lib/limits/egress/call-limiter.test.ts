import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EgressBanned, type Turn, TurnTooLate } from "@/lib/dingtalk/limiter";
import { fullLoad, LIST, mostWithin, VirtualProcesses } from "./test-support/virtual-processes";

/** Returns lengths between two bounds, in an order that looks random and is always the same. */
function turnsOf(minMs: number, maxMs: number): () => number {
  let step = 0;
  return () => {
    step += 1;
    return minMs + ((step * 0.618_034) % 1) * (maxMs - minMs);
  };
}

describe("calls of one app and API", () => {
  test("calls never exceed 20 in any second, with any callers and times, also after idle time", async () => {
    const process = fc.record({
      offsetMs: fc.integer({ min: -5_000, max: 5_000 }),
      pausesMs: fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 400 })), {
        maxLength: 60,
        size: "max",
      }),
      isJob: fc.boolean(),
    });
    const waysMs = fc.infiniteStream(fc.double({ min: 0, max: 6, noNaN: true }));
    const latesMs = fc.infiniteStream(
      fc.oneof(fc.constant(1), fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 400 })),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(process, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 3, max: 60 }),
        waysMs,
        latesMs,
        async (plans, callsPerSecond, ways, lates) => {
          const processes = new VirtualProcesses({
            callsPerSecond,
            wayMs: () => ways.next().value,
            lateMs: () => lates.next().value,
          });
          const sent: number[] = [];
          for (const { offsetMs, pausesMs, isJob } of plans) {
            const limiter = processes.start(offsetMs);
            const turn: Turn = { ...LIST, priority: isJob ? "background" : "interactive" };
            let at = 0;
            for (const pauseMs of pausesMs) {
              at += pauseMs;
              processes.clock.at(
                at,
                () => void limiter.take(turn).then(() => sent.push(processes.clock.now())),
              );
            }
          }
          await processes.clock.pass(120_000);
          expect(sent).toHaveLength(plans.reduce((sum, { pausesMs }) => sum + pausesMs.length, 0));
          expect(mostWithin(sent, 1_000)).toBeLessThanOrEqual(callsPerSecond);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("calls exceed 19 a second from four processes at full load, with a fair part for each", async () => {
    const processes = new VirtualProcesses();
    const sent = [0, 1, 2, 3].map((index) => {
      const times: number[] = [];
      fullLoad(processes, processes.start(index * 1_000), LIST, times);
      return times;
    });
    await processes.clock.pass(20_000);
    const all = sent.flat();
    expect(all.length).toBeGreaterThanOrEqual(19 * 20);
    expect(mostWithin(all, 1_000)).toBe(20);
    for (const times of sent) expect(times.length).toBeGreaterThan(all.length / 5);
  });

  test("calls never arrive as 21 within a second with 20 ms of jitter, also from late processes", async () => {
    let late = 0;
    const processes = new VirtualProcesses({ lateMs: () => late });
    const sent: number[] = [];
    for (let index = 0; index < 4; index += 1)
      fullLoad(processes, processes.start(index * 1_000), LIST, sent);
    for (const busy of [5, 10, 14, 18, 22]) {
      late = busy;
      await processes.clock.pass(1_500);
      late = 0;
      await processes.clock.pass(1_500);
    }
    const spans = sent.slice(20).map((at, index) => at - (sent[index] ?? 0));
    expect(Math.min(...spans)).toBeGreaterThanOrEqual(1_020);
  });

  test("calls start within a second when each turn of the event loop takes 30 to 300 ms", async () => {
    const turnMs = turnsOf(30, 300);
    const processes = new VirtualProcesses({ lateMs: turnMs, wayMs: () => turnMs() / 2 });
    const limiter = processes.start();
    const tookMs: number[] = [];
    for (let call = 0; call < 100; call += 1) {
      const startedAt = processes.clock.now();
      const taken = limiter.take(LIST).then(() => tookMs.push(processes.clock.now() - startedAt));
      while (tookMs.length === call && processes.clock.now() < startedAt + 60_000)
        await processes.clock.pass(10);
      await taken;
    }
    expect(Math.max(...tookMs)).toBeLessThanOrEqual(1_000);
  });

  test("calls do not speed up after idle time", async () => {
    const processes = new VirtualProcesses();
    const limiter = processes.start();
    await Promise.all([limiter.take(LIST), processes.clock.pass(60_000)]);
    const sent: number[] = [];
    fullLoad(processes, limiter, LIST, sent);
    await processes.clock.pass(200);
    expect(sent.length).toBeLessThanOrEqual(5);
  });

  test("calls need no query once the process is busy", async () => {
    const processes = new VirtualProcesses();
    const limiter = processes.start();
    let [warm, cold] = [0, 0];
    for (let call = 0; call < 200; call += 1) {
      const leases = processes.leases;
      const taken = limiter.take(LIST).then(() => (processes.leases === leases ? (warm += 1) : (cold += 1)));
      await Promise.all([taken, processes.clock.pass(52)]);
    }
    expect({ warm, cold }).toMatchObject({ warm: expect.toSatisfy((calls: number) => calls > 140) });
    expect(processes.leases).toBeLessThan(100);
  });

  test("single calls wait only for the database's answer", async () => {
    const processes = new VirtualProcesses({ wayMs: () => 4 });
    const limiter = processes.start();
    const tookMs: number[] = [];
    for (let call = 0; call < 20; call += 1) {
      const startedAt = processes.clock.now();
      const taken = limiter.take(LIST).then(() => tookMs.push(processes.clock.now() - startedAt));
      await Promise.all([taken, processes.clock.pass(700)]);
    }
    expect(Math.max(...tookMs.slice(1))).toBe(8);
  });

  test("counts calls separately for each app and each API", async () => {
    const processes = new VirtualProcesses({ callsPerSecond: 1 });
    const limiter = processes.start();
    const takes = [LIST, { ...LIST, api: "gettoken" }, { ...LIST, limiterId: "ding2" }];
    const all = Promise.all(takes.map((turn) => limiter.take(turn)));
    await processes.clock.pass(20);
    await all;
  });

  test("calls obey the smallest rate that any process stated", async () => {
    const processes = new VirtualProcesses();
    const sent: number[] = [];
    fullLoad(processes, processes.start(), { ...LIST, callsPerSecond: 40 }, sent);
    await processes.clock.pass(3_000);
    expect(mostWithin(sent, 1_000)).toBe(39);
    fullLoad(processes, processes.start(), { ...LIST, callsPerSecond: 20 }, sent);
    await processes.clock.pass(1_000);
    sent.length = 0;
    await processes.clock.pass(3_000);
    expect(mostWithin(sent, 1_000)).toBeLessThanOrEqual(20);
  });

  test("canceled calls leave their time to the next one", async () => {
    const processes = new VirtualProcesses();
    const limiter = processes.start();
    const controller = new AbortController();
    const refused = expect(limiter.take(LIST, controller.signal)).rejects.toThrow("enough");
    const next = limiter.take(LIST);
    controller.abort(new Error("enough"));
    await refused;
    await processes.clock.pass(20);
    await next;
  });
});

describe("interactive calls", () => {
  const JOB: Turn = { ...LIST, priority: "background" };

  test("interactive calls go before background calls of the same process", async () => {
    const processes = new VirtualProcesses();
    const limiter = processes.start();
    fullLoad(processes, limiter, JOB, []);
    await processes.clock.pass(2_000);
    const services: number[] = [];
    const startedAt = processes.clock.now();
    for (let call = 0; call < 5; call += 1)
      void limiter.take(LIST).then(() => services.push(processes.clock.now()));
    await processes.clock.pass(400);
    expect(services).toHaveLength(5);
    expect(Math.max(...services) - startedAt).toBeLessThan(6 * 52);
  });

  test("interactive calls go before another process's background calls, except those that it has leased", async () => {
    const processes = new VirtualProcesses();
    const jobs: number[] = [];
    fullLoad(processes, processes.start(), JOB, jobs);
    await processes.clock.pass(2_000);
    const services: number[] = [];
    const stops = fullLoad(processes, processes.start(), LIST, services);
    await processes.clock.pass(300);
    [jobs.length, services.length] = [0, 0];
    await processes.clock.pass(5_000);
    expect(jobs.length).toBeLessThanOrEqual(2);
    expect(services.length).toBeGreaterThan(19 * 5);

    for (const stop of stops) stop();
    jobs.length = 0;
    await processes.clock.pass(2_000);
    expect(jobs.length).toBeGreaterThan(25);
  });
});

describe("penalties and bans", () => {
  test("a penalty of an API stops this API in every process, and no other API", async () => {
    const processes = new VirtualProcesses();
    const [first, second] = [processes.start(), processes.start(777)];
    const sent: number[] = [];
    fullLoad(processes, second, LIST, sent);
    await processes.clock.pass(1_000);
    void first.penalize(LIST, processes.clock.now() + 10_000);
    await processes.clock.pass(500);
    sent.length = 0;
    const other = first.take({ ...LIST, api: "auth/scopes" });
    await processes.clock.pass(9_000);
    await other;
    expect(sent).toEqual([]);
    await processes.clock.pass(2_000);
    expect(sent.length).toBeGreaterThan(15);
  });

  test("a penalty of an app stops all of its APIs, and no other app", async () => {
    const processes = new VirtualProcesses();
    const [first, second] = [processes.start(), processes.start()];
    void first.penalize({ limiterId: "ding1", api: null }, processes.clock.now() + 10_000);
    await processes.clock.pass(10);
    const left: string[] = [];
    void second.take(LIST).then(() => left.push("held"));
    void second.take({ ...LIST, limiterId: "ding2" }).then(() => left.push("free"));
    await processes.clock.pass(9_000);
    expect(left).toEqual(["free"]);
    await processes.clock.pass(2_000);
    expect(left).toEqual(["free", "held"]);
  });

  test("a ban refuses all calls of every process until it ends, including waiting ones", async () => {
    const processes = new VirtualProcesses();
    const [first, second] = [processes.start(), processes.start(-300)];
    const waiting = Array.from({ length: 30 }, () =>
      first.take(LIST).then(
        () => null,
        (error: unknown) => error,
      ),
    );
    await processes.clock.pass(100);
    await Promise.all([first.penalize("egress", processes.clock.now() + 300_000), processes.clock.pass(10)]);
    const refused = (await Promise.all(waiting)).filter((error) => error instanceof EgressBanned);
    expect(refused.length).toBeGreaterThan(20);

    const elsewhere = second.take({ limiterId: "ding2", api: "gettoken" }).then(
      () => null,
      (error: unknown) => error,
    );
    await processes.clock.pass(1_000);
    const banned = await elsewhere;
    expect(banned).toBeInstanceOf(EgressBanned);
    expect(Math.round((banned as EgressBanned).waitMs / 1_000)).toBe(300);
    await processes.clock.pass(300_000);
    const after = Promise.all([first.take(LIST), second.take(LIST)]);
    await processes.clock.pass(200);
    await after;
  });
});

/** Resolves with what a turn is refused with; `null` when it isn't. */
const refusalOf = (turn: Promise<void>): Promise<unknown> =>
  turn.then(
    () => null,
    (error: unknown) => error,
  );

describe("calls with a deadline", () => {
  const SOON: Turn = { ...LIST, waitMs: 1_000 };

  test("refuses a call at once, with the expected wait, when the calls before it take longer", async () => {
    const processes = new VirtualProcesses();
    const limiter = processes.start();
    const calls = Array.from({ length: 30 }, () => refusalOf(limiter.take(SOON)));
    const refusals: unknown[] = [];
    for (const call of calls) void call.then((refusal) => refusal !== null && refusals.push(refusal));
    await processes.clock.pass(50);
    expect(refusals).toHaveLength(10);
    for (const refusal of refusals) expect((refusal as TurnTooLate).waitMs).toBeGreaterThan(1_000);
    await processes.clock.pass(1_200);
    expect((await Promise.all(calls)).filter((refusal) => refusal === null)).toHaveLength(20);
  });

  test("refuses a call at once when the calls of another process take longer", async () => {
    const processes = new VirtualProcesses({ callsPerSecond: 1 });
    const [first, second, third] = [processes.start(), processes.start(), processes.start()];
    const before = [first.take(LIST), second.take(LIST)];
    await processes.clock.pass(10);
    const refused = refusalOf(third.take(SOON));
    await processes.clock.pass(10);
    expect(await refused).toBeInstanceOf(TurnTooLate);
    await processes.clock.pass(1_100);
    await Promise.all(before);
  });

  test("refuses a waiting call, with the penalty's end, when a penalty arrives", async () => {
    const processes = new VirtualProcesses();
    const [first, second] = [processes.start(), processes.start()];
    const waiting = Array.from({ length: 10 }, () => refusalOf(first.take(SOON)));
    await processes.clock.pass(10);
    void first.penalize({ limiterId: "ding1", api: null }, processes.clock.now() + 60_000);
    const elsewhere = refusalOf(second.take({ ...SOON, api: "auth/scopes" }));
    await processes.clock.pass(20);
    const refusals = (await Promise.all([...waiting, elsewhere])).filter((refusal) => refusal !== null);
    expect(refusals.length).toBeGreaterThanOrEqual(9);
    for (const refusal of refusals)
      expect(Math.round((refusal as TurnTooLate).waitMs / 1_000)).toBeOneOf([60, 61]);
  });

  test("does not refuse a call because its process is slow", async () => {
    const processes = new VirtualProcesses({ lateMs: () => 700, wayMs: () => 240 });
    const limiter = processes.start();
    const call = refusalOf(limiter.take(SOON));
    await processes.clock.pass(10_000);
    expect(await call).toBeNull();
  });

  test("refuses a call at its deadline when the address budget is used up", async () => {
    const processes = new VirtualProcesses({ callsIn20Seconds: 21 });
    const limiter = processes.start();
    const calls = ["ding1", "ding2", "ding3", "ding4"].map((limiterId) =>
      refusalOf(limiter.take({ ...SOON, limiterId })),
    );
    await processes.clock.pass(5_000);
    const refused = (await Promise.all(calls)).filter((refusal) => refusal instanceof TurnTooLate);
    expect(refused.length).toBeGreaterThanOrEqual(1);
    expect(refused.length).toBeLessThanOrEqual(2);
  });
});
