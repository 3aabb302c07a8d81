import { describe, expect, test } from "vitest";
import { frozenClock, runningClock } from "./clock";

describe.each([
  ["the running clock", runningClock],
  ["the frozen clock", frozenClock],
])("%s", (_, make) => {
  test("runs tasks in the order of their times as it advances, and those of one time in the order of their start", () => {
    const [clock, ran] = [make(), [] as string[]];
    clock.after(20_000, () => ran.push("late"));
    clock.after(10_000, () => ran.push("first"));
    clock.after(10_000, () => ran.push("second"));
    clock.advance(9_000);
    expect(ran).toEqual([]);
    clock.advance(1_000);
    expect(ran).toEqual(["first", "second"]);
    clock.advance(60_000);

    expect(ran).toEqual(["first", "second", "late"]);
  });

  test("runs tasks that other tasks add while it advances", () => {
    const [clock, ran] = [make(), [] as string[]];
    clock.after(1_000, () => clock.after(1_000, () => ran.push("inner")));
    clock.advance(1_000);
    clock.advance(5_000);

    expect(ran).toEqual(["inner"]);
  });

  test("a cancelled task does not run", () => {
    const [clock, ran] = [make(), [] as string[]];
    const cancel = clock.after(1_000, () => ran.push("cancelled"));
    cancel();
    clock.advance(5_000);

    expect(ran).toEqual([]);
  });
});

test("the frozen clock shows a task the time for which it was planned", () => {
  const clock = frozenClock(0);
  const times: number[] = [];
  clock.after(10, () => times.push(clock.now()));
  clock.advance(100);

  expect([times, clock.now()]).toEqual([[10], 100]);
});

test("the running clock runs a task when its time has come", async () => {
  await expect(new Promise((resolve) => runningClock().after(1, () => resolve("ran")))).resolves.toBe("ran");
});
