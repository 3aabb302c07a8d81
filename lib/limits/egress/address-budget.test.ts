import { describe, expect, test } from "vitest";
import { fullLoad, LIST, mostWithin, VirtualProcesses } from "./test-support/virtual-processes";

describe("budget of the address", () => {
  test("admits nearly all calls of the budget, but never more, in any 20 seconds over all apps and processes", async () => {
    const processes = new VirtualProcesses({ callsIn20Seconds: 210 });
    const sent: number[] = [];
    for (const offsetMs of [0, 400, -900]) {
      const limiter = processes.start(offsetMs);
      for (let app = 0; app < 2; app += 1)
        fullLoad(processes, limiter, { limiterId: `ding${offsetMs}-${app}`, api: "gettoken" }, sent);
    }
    await processes.clock.pass(45_000);
    expect(mostWithin(sent, 20_000)).toBeLessThanOrEqual(210);
    expect(sent.length).toBeGreaterThan(0.9 * 10 * 45);
  });
});

describe("without a database", () => {
  test("four processes together stay within the rate without a database, and go on", async () => {
    const processes = new VirtualProcesses();
    processes.isAway = true;
    const sent: number[] = [];
    for (let index = 0; index < 4; index += 1) fullLoad(processes, processes.start(), LIST, sent);
    await processes.clock.pass(30_000);
    expect(sent.length).toBeGreaterThan(15 * 30);
    expect(mostWithin(sent, 1_000)).toBeLessThanOrEqual(20);
  });

  test("processes return to the shared timeline when the database is back", async () => {
    const processes = new VirtualProcesses();
    processes.isAway = true;
    const sent: number[] = [];
    fullLoad(processes, processes.start(), LIST, sent);
    await processes.clock.pass(5_000);
    processes.isAway = false;
    await processes.clock.pass(3_000);
    sent.length = 0;
    await processes.clock.pass(5_000);
    expect(sent.length).toBeGreaterThanOrEqual(19 * 5);
  });
});
