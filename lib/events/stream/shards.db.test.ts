import { expect, test } from "vitest";
import { openSession } from "@/lib/testing/session";
import { SHARDS, ShardLocks } from "./shards";

type Ask = ConstructorParameters<typeof ShardLocks>[0];

/** A process with its one session, and the shards whose work it stopped. */
async function startProcess() {
  const { query, close } = await openSession();
  const released: number[] = [];
  let ask: Ask = query;
  const locks = new ShardLocks(
    (text, values) => ask(text, values),
    async (shard) => released.push(shard),
  );
  return {
    locks,
    released,
    count: async () => (await locks.balance()).size,
    die: close,
    /** Replaces the session, as after a loss of the connection. */
    async reconnect() {
      await close();
      ask = (await openSession()).query;
    },
    loseSession() {
      ask = async () => null;
    },
  };
}

test("a single process takes all shards, and shares them with others that join", async () => {
  const first = await startProcess();
  expect(await first.count()).toBe(32);
  const second = await startProcess();
  expect(await second.count(), "all shards are taken").toBe(0);
  expect(await first.count()).toBe(16);
  expect(first.released).toHaveLength(16);
  expect(await second.count()).toBe(16);
  const [ofFirst, ofSecond] = [await first.locks.balance(), await second.locks.balance()];
  expect(new Set([...ofFirst, ...ofSecond]).size).toBe(SHARDS);
  await first.locks.leave();
  await second.locks.leave();
});

test("a process takes over the shards of one that died", async () => {
  const [first, second] = [await startProcess(), await startProcess()];
  await first.count();
  await second.count();
  await first.die();
  await expect.poll(second.count).toBe(32);
  await second.locks.leave();
});

test("a process that leaves frees its shards at once", async () => {
  const [first, second] = [await startProcess(), await startProcess()];
  await first.count();
  await first.locks.leave();
  expect(first.released).toHaveLength(32);
  expect(await second.count()).toBe(32);
  await second.locks.leave();
});

test("a process keeps its shards over a short loss of its session", async () => {
  const [first, second] = [await startProcess(), await startProcess()];
  await first.count();
  await second.count();
  await first.count();
  await second.count();
  const before = await first.locks.balance();
  await first.reconnect();
  await expect.poll(async () => (await first.locks.balance()).size).toBe(16);
  expect(await first.locks.balance()).toEqual(before);
  await first.locks.leave();
  await second.locks.leave();
});

test("a process without a session stops its work after three attempts", async () => {
  const process = await startProcess();
  await process.count();
  process.loseSession();
  expect([await process.count(), await process.count()]).toEqual([32, 32]);
  expect(process.released).toEqual([]);
  expect(await process.count()).toBe(0);
  expect(process.released).toHaveLength(32);
});
