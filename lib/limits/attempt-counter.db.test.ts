import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { pool } from "@/lib/db/connection-pools";
import { type AttemptCounter, makeAttemptCounter } from "./attempt-counter";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Two are free; the third blocks for a minute, all further ones for two hours. */
const DELAYS = [0, 0, MINUTE, 2 * HOUR];

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
afterEach(() => void vi.useRealTimers());

/** Each test has keys of its own. */
const makeKey = () => `someone@example.com ${randomUUID()}`;
const makeCounter = (name: string = randomUUID()) => makeAttemptCounter(name, DELAYS, HOUR);
const pass = (ms: number) => void vi.setSystemTime(Date.now() + ms);

/** How long those that were not let through are told to wait, one after another. */
async function waitsOf(counter: AttemptCounter, key: string, times: number): Promise<number[]> {
  const waits: number[] = [];
  for (let count = 0; count < times; count++) {
    const outcome = await counter.begin(key);
    waits.push(outcome.isAdmitted ? 0 : outcome.waitMs);
  }
  return waits;
}

test("admits the free attempts and the first one that blocks, and does not count attempts during a block", async () => {
  const [counter, key] = [makeCounter(), makeKey()];
  expect(await waitsOf(counter, key, 6)).toEqual([0, 0, 0, MINUTE, MINUTE, MINUTE]);
  pass(MINUTE + 1);
  expect(await waitsOf(counter, key, 2)).toEqual([0, 2 * HOUR]);
  expect(await waitsOf(counter, makeKey(), 1), "another key").toEqual([0]);
});

test("admits no more concurrent attempts than sequential ones, also in two processes", async () => {
  const [name, key] = [randomUUID(), makeKey()];
  const turns = Array.from({ length: 20 }, () => [makeCounter(name), makeCounter(name)]).flat();
  const outcomes = await Promise.all(turns.map((counter) => counter.begin(key)));
  expect(outcomes.filter((outcome) => outcome.isAdmitted)).toHaveLength(3);
});

test("removing an attempt also removes its own block, but no other attempt's block", async () => {
  const [counter, key] = [makeCounter(), makeKey()];
  for (let count = 0; count < 5; count++) {
    const outcome = await counter.begin(key);
    if (!outcome.isAdmitted) throw new Error("refused");
    await counter.withdraw(key, outcome.counted);
  }
  const [free] = [await counter.begin(key), await counter.begin(key), await counter.begin(key)];
  if (!free.isAdmitted) throw new Error("refused");
  await counter.withdraw(key, free.counted);
  expect(await waitsOf(counter, key, 1)).toEqual([MINUTE]);
});

test("removing an attempt whose block has ended keeps the block of a later attempt", async () => {
  const [counter, key] = [makeCounter(), makeKey()];
  await waitsOf(counter, key, 2);
  const early = await counter.begin(key);
  if (!early.isAdmitted) throw new Error("refused");
  pass(MINUTE + 1);
  await waitsOf(counter, key, 1);
  await counter.withdraw(key, early.counted);
  expect(await waitsOf(counter, key, 1)).toEqual([2 * HOUR]);
});

test("an attempt that is counted during a block starts a new block", async () => {
  const [counter, key] = [makeCounter(), makeKey()];
  await waitsOf(counter, key, 3);
  await counter.count(key);
  expect(await waitsOf(counter, key, 1)).toEqual([2 * HOUR]);
});

test("forgets all attempts after the window, but keeps a block until its stated end", async () => {
  const [name, key] = [randomUUID(), makeKey()];
  const counter = makeCounter(name);
  await waitsOf(counter, key, 2);
  pass(HOUR);
  expect(await waitsOf(counter, key, 3), "counted from zero").toEqual([0, 0, 0]);
  pass(MINUTE);
  expect(await waitsOf(counter, key, 1)).toEqual([0]);
  pass(HOUR);
  const kept = "SELECT FROM throttle WHERE key LIKE $1 AND expire >= $2";
  const { rows } = await pool().query(kept, [`${name}:%`, Date.now()]);
  expect(rows, "housekeeping leaves it").toHaveLength(1);
  expect(await waitsOf(counter, key, 1)).toEqual([HOUR]);
  await counter.forget(key);
  expect(await waitsOf(counter, key, 1)).toEqual([0]);
});
