import { describe, expect, test } from "vitest";
import { fakeDirectory, refusal } from "./test-support/fake-directory";
import { memoryCheckpoint } from "./test-support/memory-checkpoint";
import { readFake, withMembers } from "./test-support/read-fake";

/** 1 has the children 2 to 13: more than run at once. */
const TREE = { 1: null, ...Object.fromEntries(Array.from({ length: 12 }, (_, n) => [n + 2, "1"])) };
const FOUR_MINUTES_MS = 240_000;

/** Reads a directory with a fake clock: a pause ends when everything else pauses too. */
function slowClock() {
  const pauses: number[] = [];
  let now = 0;
  let waiting: { readonly at: number; readonly end: () => void }[] = [];
  const tick = () => {
    const next = waiting.toSorted((a, b) => a.at - b.at)[0];
    if (!next) return;
    waiting = waiting.filter((each) => each !== next);
    now = next.at;
    next.end();
  };
  const sleep = async (ms: number, signal: AbortSignal) => {
    pauses.push(ms);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    waiting.push({ at: now + ms, end: resolve });
    // The fake answers in microtasks, so no call is under way by then
    setImmediate(tick);
    await promise;
  };
  return { sleep, pauses, now: () => now };
}

/** Lets the calls that start with the text fail `times` times. */
const failing = (begin: string, kind: Parameters<typeof refusal>[0], times = Number.POSITIVE_INFINITY) => {
  let left = times;
  return (request: string) => {
    if (!request.startsWith(begin) || left <= 0) return;
    left -= 1;
    throw refusal(kind);
  };
};

describe("calls that fail by a passing fault", () => {
  test.each([
    "throttled",
    "temporary_fault",
    "host_unresolved",
    "unreachable",
    "timeout",
    "not_dingtalk",
  ] as const)("repeats a failed call over more than four minutes: %s", async (kind) => {
    const fake = fakeDirectory(TREE);
    const clock = slowClock();
    fake.before = failing("list 5", kind, 7);

    expect((await readFake(fake, {}, { retry: clock })).departments.size).toBe(13);
    expect(clock.pauses).toEqual([5_000, 10_000, 20_000, 40_000, 60_000, 60_000, 60_000]);
    expect(clock.now()).toBeGreaterThan(FOUR_MINUTES_MS);
  });

  test("a call that still fails after the last pause fails the read", async () => {
    const fake = fakeDirectory(TREE);
    const clock = slowClock();
    fake.before = failing("list 5", "temporary_fault");

    await expect(readFake(fake, {}, { retry: clock })).rejects.toMatchObject({ kind: "temporary_fault" });
    expect(fake.count("list 5")).toBe(8);
  });

  test("reads other departments as fast as before while a failed call pauses", async () => {
    const fake = fakeDirectory(TREE);
    const clock = slowClock();
    const stubborn = new Set(["list 2", "list 3", "list 4", "list 5", "list 6"]);
    const readBefore: number[] = [];
    const failed = new Set<string>();
    fake.before = (request) => {
      if (!stubborn.has(request)) return;
      if (failed.has(request)) return void readBefore.push(fake.count("list"));
      failed.add(request);
      throw refusal("timeout");
    };

    expect((await readFake(fake, {}, { retry: clock })).departments.size).toBe(13);
    // Five failing departments used the whole concurrency; all others were read before the first repeat
    expect(readBefore[0]).toBeGreaterThan(12);
  });

  test("repeats calls for the scope, the roots and pages of members, and reads each page once", async () => {
    const fake = fakeDirectory({ 1: null });
    for (const userId of ["a", "b", "c", "d", "e"]) fake.people.set(userId, ["1"]);
    const memory = memoryCheckpoint();
    const fails = new Map(["scopes", "get 1", "members 1 from 2", "listid 1"].map((request) => [request, 2]));
    fake.before = (request) => {
      const left = fails.get(request) ?? 0;
      fails.set(request, left - 1);
      if (left > 0) throw refusal("throttled");
    };
    const read = await readFake(fake, {}, { ...withMembers(memory), retry: slowClock() });

    expect(read.membersIncompleteFor).toBeNull();
    expect(Object.keys(memory.places())).toEqual(["a", "b", "c", "d", "e"]);
    expect([fake.count("members 1 from 2"), fake.count("members 1 from 4")]).toEqual([3, 1]);
  });

  test("a pausing call stops waiting when the run ends", async () => {
    const fake = fakeDirectory(TREE);
    const stop = new AbortController();
    fake.before = failing("list 5", "timeout");
    const sleep = (_: number, signal: AbortSignal) =>
      new Promise<void>((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason), { once: true });
        stop.abort(new Error("stop"));
      });

    await expect(readFake(fake, {}, { retry: { sleep }, signal: stop.signal })).rejects.toThrow("stop");
  });
});

test("a permanent fault ends the read without a pause", async () => {
  const fake = fakeDirectory(TREE);
  const clock = slowClock();
  fake.before = failing("list 5", "ip_not_allowed");

  await expect(readFake(fake, {}, { retry: clock })).rejects.toMatchObject({ kind: "ip_not_allowed" });
  expect(clock.pauses).toEqual([]);
});

test("a failed call for the whole tree falls back to levels without a pause", async () => {
  const fake = fakeDirectory(TREE);
  const clock = slowClock();
  fake.allowWhole(refusal("timeout"));

  expect(await readFake(fake, {}, { retry: clock })).toMatchObject({ strategy: "levels" });
  expect(clock.pauses).toEqual([]);
});
