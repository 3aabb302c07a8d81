import { expect, test } from "vitest";
import { firstIdAt } from "@/lib/public-id";
import { makeApp } from "@/lib/testing/factories";
import { makeCall, storedRows } from "../test-support/make-call";
import { logCall, writeCalls } from "./log-calls";
import { forgetCalls, keptSinceMs, pruneCalls } from "./prune-calls";

const NOW = Date.UTC(2026, 10, 27, 13, 30);
const DAY_MS = 24 * 60 * 60_000;
const newApp = () => makeApp({ appKey: `ding${crypto.randomUUID()}`, appSecret: "secret" });

test("pruneCalls deletes an organization's calls older than 30 whole days, in batches", async () => {
  const [app, other] = [await newApp(), await newApp()];
  const since = keptSinceMs(NOW);
  expect(new Date(since).toISOString()).toBe("2026-10-28T00:00:00.000Z");
  const times = [NOW - 90 * DAY_MS, since - 2 * DAY_MS, since - DAY_MS, since - 2, since - 1];
  for (const atMs of [...times, since, NOW]) {
    logCall(makeCall(app, { atMs }));
    logCall(makeCall(other, { atMs }));
  }
  await writeCalls();
  await pruneCalls(app.organizationId, { nowMs: NOW, batch: 2 });
  const kept = (await storedRows<{ at: Date }>(app, "logged_call")).map(({ at }) => at.getTime());
  expect(kept).toEqual([since, NOW]);
  expect(await storedRows(other, "logged_call")).toHaveLength(7);
});

test("forgetCalls deletes one organization's log in batches", async () => {
  const [app, other] = [await newApp(), await newApp()];
  for (const one of [app, other])
    for (const atMs of [0, NOW, 9_999_999_999_999]) logCall(makeCall(one, { atMs }));
  await writeCalls();
  await forgetCalls(app.organizationId, 2);
  expect(await storedRows(app, "logged_call")).toEqual([]);
  expect(await storedRows(other, "logged_call")).toHaveLength(3);
});

test("firstIdAt is a lower bound of the IDs at a time, and above all earlier IDs", async () => {
  const app = await newApp();
  for (const atMs of [NOW, NOW, NOW]) logCall(makeCall(app, { atMs }));
  await writeCalls();
  for (const { id } of await storedRows<{ id: string }>(app, "logged_call")) {
    expect(id >= firstIdAt(NOW) && id < firstIdAt(NOW + 1)).toBe(true);
  }
});
