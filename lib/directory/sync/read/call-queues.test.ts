import { expect, test } from "vitest";
import { CallQueues } from "./call-queues";

const NAMES = ["odd", "even"] as const;
type Name = (typeof NAMES)[number];

function queuesOf(work: (item: string) => Promise<void>, concurrencyOf: (queue: Name) => number = () => 5) {
  const stop = new AbortController();
  return { stop, queues: new CallQueues<Name>({ stop, concurrencyOf, work: { odd: work, even: work } }) };
}

const items = (count: number) => Array.from({ length: count }, (_, n) => String(n + 1));

test("CallQueues stops all queues after a failure, and throws it after the running work has ended", async () => {
  const begun: string[] = [];
  let stopped = 0;
  const { stop, queues } = queuesOf(async (item) => {
    begun.push(item);
    if (item === "2") throw new Error("failed");
    await new Promise<void>((_, reject) => {
      stop.signal.addEventListener("abort", () => {
        setImmediate(() => {
          stopped += 1;
          reject(stop.signal.reason);
        });
      });
    });
  });
  queues.add("even", "another");
  for (const item of items(8)) queues.add("odd", item);

  await expect(queues.done()).rejects.toThrow("failed");
  expect({ begun, stopped }).toEqual({ begun: ["another", "1", "2", "3", "4", "5"], stopped: 5 });
});

test("CallQueues processes each item once, including items that work adds, before done() resolves", async () => {
  const done: string[] = [];
  const { queues } = queuesOf(async (item) => {
    await new Promise(setImmediate);
    done.push(item);
    if (Number(item) <= 3_000) queues.add(Number(item) % 2 ? "odd" : "even", `${item}b`);
  });
  for (const item of items(3_000)) queues.add("odd", item);
  await queues.done();

  expect(new Set(done).size).toBe(6_000);
  expect(done).toHaveLength(6_000);
});

test("CallQueues does not let one queue block another", async () => {
  const rest = Promise.withResolvers<void>();
  const done: string[] = [];
  const { queues } = queuesOf(async (item) => {
    if (item === "slow") await rest.promise;
    done.push(item);
  });
  for (let n = 0; n < 6; n += 1) queues.add("odd", "slow");
  await queues.each("even", ["quick"], async () => rest.resolve());

  expect(done).toHaveLength(6);
});

test("CallQueues begins no work after it was stopped", async () => {
  const done: string[] = [];
  const { stop, queues } = queuesOf(async (item) => void done.push(item));
  stop.abort(new Error("stopped"));
  queues.add("odd", "late");

  await expect(queues.done()).rejects.toThrow("stopped");
  expect(done).toEqual([]);
});

test("CallQueues follows a concurrency that changes", async () => {
  let allowed = 2;
  let underWay = 0;
  const atBegin: number[] = [];
  const { queues } = queuesOf(
    async (item) => {
      if (item === "10") allowed = 4;
      if (item === "30") allowed = 3;
      atBegin[Number(item)] = underWay += 1;
      await new Promise(setImmediate);
      underWay -= 1;
    },
    () => allowed,
  );
  for (const item of items(60)) queues.add("odd", item);
  await queues.done();
  const most = (from: number, to: number) => Math.max(...atBegin.slice(from, to));
  expect([most(1, 10), most(15, 30), most(40, 61)]).toEqual([2, 4, 3]);
});
