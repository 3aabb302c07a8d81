import { describe, expect, test } from "vitest";
import type { AppRef } from "@/lib/app-ref";
import { inOrganization } from "@/lib/db/unit-of-work";
import { makeApp } from "@/lib/testing/factories";
import { tokenTests } from "@/lib/testing/token-tests";
import { callerOf } from "../dingtalk-caller";
import { invalidateToken } from "../lease/invalidate-token";
import { countRead, writeReads } from "../lease/read-counts";
import { readLease } from "../lease/read-lease";
import type { Keeper } from "../renewal/token-service";
import { readerOf } from "../test-support/reader-of";
import { pruneTokenRecords } from "./prune-token-records";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const { pair, simulator, now, newKeeper, runSchedule } = tokenTests("timeline", { clock: "frozen" });

const eventsOf = ({ organizationId, appId }: AppRef) =>
  inOrganization({ organizationId }, (tx) =>
    tx.tokenEvent.findMany({
      where: { organizationId, appId },
      orderBy: { id: "asc" },
      select: { kind: true, version: true, at: true, tookMs: true, keyId: true, error: true },
    }),
  );

async function makeHeld(keeper: Keeper) {
  const app = await makeApp(pair);
  await readLease(readerOf(app), app.appId, { keeper });
  return app;
}

describe("an app's timeline", () => {
  test("tells when its token was had, renewed, and not", async () => {
    const keeper = newKeeper();
    const app = await makeHeld(keeper);
    simulator.control.advanceClock(110 * MINUTE);
    simulator.control.addFault({ fault: { kind: "status", status: 500 }, times: 2 });
    await runSchedule(keeper, app);
    simulator.control.clearFaults();
    simulator.control.advanceClock(MINUTE);
    await runSchedule(keeper, app);

    expect(await eventsOf(app)).toMatchObject([
      { kind: "obtained", version: 1, tookMs: 0, error: null },
      { kind: "failed", version: 1, error: { kind: "temporary_fault" } },
      { kind: "renewed", version: 2, at: new Date(now()), error: null },
    ]);
  });

  test("names the key with which a token was said to be refused, and what came of it", async () => {
    simulator.control.setSettings({ repeatedFetch: "remaining" });
    const keeper = newKeeper();
    const app = await makeHeld(keeper);
    simulator.control.advanceClock(1_000);
    const reader = readerOf(app);
    await invalidateToken(reader, app.appId, 1, { keeper });

    expect(await eventsOf(app)).toMatchObject([
      { kind: "obtained" },
      { kind: "invalidated", version: 1, keyId: reader.keyId },
      { kind: "unchanged", version: 1, keyId: null },
    ]);
  });

  test("names no key where a call of our own found that", async () => {
    const keeper = newKeeper();
    const app = await makeHeld(keeper);
    const caller = await callerOf(app, app.appId, keeper);
    const dead = await caller.token.current();
    simulator.control.revokeTokens(pair.appKey);
    await caller.token.replace(dead);

    const events = await eventsOf(app);
    expect(events).toMatchObject([
      { kind: "obtained" },
      { kind: "invalidated", keyId: null },
      { kind: "renewed" },
    ]);
    expect(JSON.stringify(events)).not.toContain(dead.reveal());
  });

  test("goes after thirty days, and so do the counts of reads, another organization's not with them", async () => {
    const [app, other] = [await makeHeld(newKeeper()), await makeHeld(newKeeper())];
    for (const each of [app, other]) {
      countRead(each, crypto.randomUUID(), now());
    }
    await writeReads();
    expect(await pruneTokenRecords(app.organizationId, now() + 30 * DAY)).toBe(0);
    expect(await pruneTokenRecords(app.organizationId, now() + 31 * DAY)).toBe(2);

    expect(await eventsOf(app)).toEqual([]);
    expect(await eventsOf(other)).toHaveLength(1);
  });
});
