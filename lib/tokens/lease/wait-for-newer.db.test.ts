import { expect, test } from "vitest";
import type { AppRef } from "@/lib/app-ref";
import { isHearing } from "@/lib/db/notifications";
import { connectionsInUse, countConnections } from "@/lib/testing/connections";
import { makeApp } from "@/lib/testing/factories";
import { tokenTests } from "@/lib/testing/token-tests";
import type { Keeper } from "../renewal/token-service";
import { readerOf } from "../test-support/reader-of";
import { invalidateToken } from "./invalidate-token";
import { readLease } from "./read-lease";
import { waitForNewer } from "./wait-for-newer";

const MINUTE = 60_000;
const LIFE_MS = 120 * MINUTE;

const { pair, simulator, now, newKeeper, asked } = tokenTests("waiting", {
  clock: "frozen",
  settings: { repeatedFetch: "new" },
});

const read = (keeper: Keeper, app: AppRef) => readLease(readerOf(app), app.appId, { keeper });
const wait = (keeper: Keeper, app: AppRef, waitMs: number, signal?: AbortSignal) =>
  waitForNewer(readerOf(app), app.appId, { afterVersion: 1, waitMs }, { keeper, signal });

/** A keeper whose pauses move the simulator's clock. */
function quickKeeper(): Keeper {
  return { ...newKeeper(), pause: async (ms) => void simulator.control.advanceClock(ms) };
}

test("whoever waits for a newer lease gets the present one when the time is over", async () => {
  const keeper = quickKeeper();
  const app = await makeApp(pair);
  await read(keeper, app);
  const before = now();

  expect(await wait(keeper, app, 30_000)).toMatchObject({ version: 1 });
  expect(now() - before).toBeGreaterThanOrEqual(30_000);
  expect(asked()).toBe(1);
});

test("whoever waits causes the renewal that is due meanwhile, and gets what it brings", async () => {
  const keeper = quickKeeper();
  const app = await makeApp(pair);
  await read(keeper, app);
  simulator.control.advanceClock(LIFE_MS - 5 * MINUTE - 10_000);

  expect(await wait(keeper, app, 30_000)).toMatchObject({ version: 2 });
});

test("500 who wait hold no database connection, and each gets the newer one as soon as it is there", async () => {
  const keepers = [newKeeper(), newKeeper()] as const;
  const app = await makeApp(pair);
  await expect.poll(isHearing).toBe(true);
  for (const keeper of keepers) await read(keeper, app);
  const waits = Array.from({ length: 500 }, (_, index) => wait(keepers[index % 2 ? 0 : 1], app, 10 * MINUTE));
  await expect.poll(connectionsInUse).toBe(0);
  const taken = await countConnections(async () => {
    await invalidateToken(readerOf(app), app.appId, 1, { keeper: newKeeper() });
    const leases = await Promise.all(waits);
    expect(leases.every(({ version }) => version === 2)).toBe(true);
  });

  // Those of whoever renews and of both keepers, never one each.
  expect(taken).toBeLessThan(250);
});

test("whoever goes away while they wait is waited for no longer", async () => {
  const keeper = newKeeper();
  const app = await makeApp(pair);
  await read(keeper, app);
  const controller = new AbortController();
  const waiting = wait(keeper, app, 10 * MINUTE, controller.signal);
  controller.abort(new Error("gone"));

  await expect(waiting).rejects.toThrow("gone");
});

test("a failure is said at once, not when the time is over", async () => {
  const app = await makeApp(pair, { state: "disabled" });

  await expect(wait(newKeeper(), app, 10 * MINUTE)).rejects.toMatchObject({ code: "conflict" });
});
