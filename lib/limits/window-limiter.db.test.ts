import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { pool } from "@/lib/db/connection-pools";
import { makeWindowLimiter } from "./window-limiter";

const WINDOW_SECONDS = 60;

/** Each test has keys of its own. */
const makeKey = () => `someone@example.com ${randomUUID()}`;
const makeLimit = (points: number, name: string = randomUUID()) =>
  makeWindowLimiter(name, points, WINDOW_SECONDS);

test("admits requests up to the limit, and tells the next one how long to wait", async () => {
  const limit = makeLimit(2);
  const key = makeKey();

  expect([await limit.take(key), await limit.take(key)]).toEqual([null, null]);
  const waitMs = await limit.take(key);
  expect(waitMs).toBeGreaterThan(0);
  expect(waitMs).toBeLessThanOrEqual(WINDOW_SECONDS * 1_000);
  expect(await limit.take(makeKey())).toBeNull();
});

test("admits no more concurrent requests than the limit", async () => {
  const limit = makeLimit(5);
  const key = makeKey();
  const taken = await Promise.all(Array.from({ length: 30 }, () => limit.take(key)));

  expect(taken.filter((waitMs) => waitMs === null)).toHaveLength(5);
});

test("two processes share one limit, and two limits share nothing", async () => {
  const name = randomUUID();
  const key = makeKey();
  await makeLimit(1, name).take(key);

  expect(await makeLimit(1, name).take(key)).not.toBeNull();
  expect(await makeLimit(1).take(key)).toBeNull();
});

test("does not count requests of an ended window", async () => {
  const limit = makeLimit(1);
  const key = makeKey();
  await limit.take(key);
  await pool().query("UPDATE throttle SET expire = 1");

  expect(await limit.take(key)).toBeNull();
});

test("stores no address, and separates the same key under the names of different limits", async () => {
  const key = makeKey();
  await makeLimit(1, "first").take(key);
  const { rows } = await pool().query<{ key: string }>("SELECT key FROM throttle WHERE key LIKE 'first%'");

  expect(rows).toHaveLength(1);
  expect(rows[0]?.key).toMatch(/^first:[\w-]{43}$/);
});
