import { describe, expect, test } from "vitest";
import type { AppRef } from "@/lib/app-ref";
import { inOrganization } from "@/lib/db/unit-of-work";
import { makeApp } from "@/lib/testing/factories";
import { tokenTests } from "@/lib/testing/token-tests";
import { callerOf } from "../dingtalk-caller";
import { invalidateToken } from "../lease/invalidate-token";
import { readLease } from "../lease/read-lease";
import type { TokenService } from "../renewal/token-service";
import { tokenReader } from "../test-support/test-dingtalk";
import { pruneTokenHistory } from "./prune-history";
import { countRead, writeReads } from "./read-counts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const { pair, simulator, now, newTokenService, runSchedule } = tokenTests("timeline", { clock: "frozen" });

const eventsOf = ({ organizationId, appId }: AppRef) =>
  inOrganization({ organizationId }, (tx) =>
    tx.tokenEvent.findMany({
      where: { organizationId, appId },
      orderBy: { id: "asc" },
      select: { kind: true, version: true, at: true, tookMs: true, keyId: true, error: true },
    }),
  );

async function makeHeld(service: TokenService) {
  const app = await makeApp(pair);
  await readLease(tokenReader(app), app.appId, { service });
  return app;
}

describe("token events", () => {
  test("records events for the first token, renewals and failures", async () => {
    const service = newTokenService();
    const app = await makeHeld(service);
    simulator.control.advanceClock(110 * MINUTE);
    simulator.control.addFault({ fault: { kind: "status", status: 500 }, times: 2 });
    await runSchedule(service, app);
    simulator.control.clearFaults();
    simulator.control.advanceClock(MINUTE);
    await runSchedule(service, app);

    expect(await eventsOf(app)).toMatchObject([
      { kind: "obtained", version: 1, tookMs: 0, error: null },
      { kind: "failed", version: 1, error: { kind: "temporary_fault" } },
      { kind: "renewed", version: 2, at: new Date(now()), error: null },
    ]);
  });

  test("an event names the API key that reported a token, and the result", async () => {
    simulator.control.setSettings({ repeatedFetch: "remaining" });
    const service = newTokenService();
    const app = await makeHeld(service);
    simulator.control.advanceClock(1_000);
    const reader = tokenReader(app);
    await invalidateToken(reader, app.appId, 1, { service });

    expect(await eventsOf(app)).toMatchObject([
      { kind: "obtained" },
      { kind: "invalidated", version: 1, keyId: reader.keyId },
      { kind: "unchanged", version: 1, keyId: null },
    ]);
  });

  test("an event names no API key if a call of Dingkeep found the token refused", async () => {
    const service = newTokenService();
    const app = await makeHeld(service);
    const caller = await callerOf(app, app.appId, service);
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

  test("deletes token events after 30 days together with read counts, without other organizations' events", async () => {
    const [app, other] = [await makeHeld(newTokenService()), await makeHeld(newTokenService())];
    for (const each of [app, other]) {
      countRead(each, crypto.randomUUID(), now());
    }
    await writeReads();
    expect(await pruneTokenHistory(app.organizationId, now() + 30 * DAY)).toBe(0);
    expect(await pruneTokenHistory(app.organizationId, now() + 31 * DAY)).toBe(2);

    expect(await eventsOf(app)).toEqual([]);
    expect(await eventsOf(other)).toHaveLength(1);
  });
});
