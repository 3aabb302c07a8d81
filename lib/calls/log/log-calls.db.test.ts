import { beforeEach, describe, expect, test, vi } from "vitest";
import type { AppRef } from "@/lib/app-ref";
import { pool } from "@/lib/db/connection-pools";
import { inOrganization } from "@/lib/db/unit-of-work";
import { readMetrics } from "@/lib/metrics/queries";
import { countConnectionsOf } from "@/lib/testing/connections";
import { makeApp } from "@/lib/testing/factories";
import { bundleProgram, spawnProgram } from "@/lib/testing/program";
import { makeCall, storedRows } from "../test-support/make-call";
import { BUFFERED_MAX, logCall, writeCalls } from "./log-calls";

type Stored = { readonly path: string; readonly at: Date; readonly id: string };

let app: AppRef;
beforeEach(async () => {
  app = await makeApp({ appKey: "dingcalls", appSecret: "secret" });
});

const logged = () => storedRows<Stored>(app, "logged_call");
const gaps = () => storedRows<{ readonly calls: number }>(app, "call_gap");

describe("log of calls", () => {
  test("writes calls in one unit of work per organization, ordered by their time", async () => {
    const times = [5, 3, 9, 1].map((seconds) => Date.UTC(2026, 10, 27, 12, 0, seconds));
    for (const atMs of times) logCall(makeCall(app, { atMs }));
    expect(await countConnectionsOf(writeCalls)).toBe(1);
    expect((await logged()).map(({ at }) => at.getTime())).toEqual(times.toSorted());
    expect(await countConnectionsOf(writeCalls), "nothing is written twice").toBe(0);
  });

  test("stores the facts that identify a call, and no values of its path", async () => {
    const keyId = crypto.randomUUID();
    const call = makeCall(app, {
      keyId,
      host: "api",
      method: "GET",
      path: "v1.0/contact/users/13800138000",
      outcome: "dingtalk_refused",
      status: 403,
      errcode: "Forbidden.AccessDenied",
      attempts: 2,
      durationMs: 41.6,
      requestId: "0B1C",
    });
    logCall(call);
    await writeCalls();
    expect(await logged()).toMatchObject([
      {
        app_id: app.appId,
        key_id: keyId,
        at: new Date(call.atMs),
        method: "GET",
        path: "v1.0/contact/users/{}",
        outcome: "dingtalk_refused",
        status: 403,
        errcode: "Forbidden.AccessDenied",
        attempts: 2,
        duration_ms: 42,
        bytes: "345",
        request_id: "0B1C",
      },
    ]);
  });

  test("accepts long, malformed and out-of-range values", async () => {
    logCall(
      makeCall(app, { path: "x/".repeat(9_999), requestId: `a\0${"b".repeat(9_999)}`, durationMs: 1e12 }),
    );
    logCall(makeCall(app, { errcode: "\ud800", status: null, requestId: null, bytes: -1, method: "" }));
    await writeCalls();
    expect(await logged()).toHaveLength(2);
  });

  test("writes buffered calls after about a second", async () => {
    logCall(makeCall(app));
    await expect.poll(logged).toHaveLength(1);
  });

  test("drops and counts an organization's calls beyond its buffer limit, and none of another organization", async () => {
    const quiet = await makeApp({ appKey: "dingquiet", appSecret: "secret" });
    const lostBefore = await lostInAll();
    const query = vi.spyOn(pool(), "waitingCount", "get").mockReturnValue(1);
    for (let call = 0; call < BUFFERED_MAX.ofOne + 7; call++) logCall(makeCall(app));
    logCall(makeCall(quiet));
    query.mockRestore();
    await writeCalls();
    expect(await logged()).toHaveLength(BUFFERED_MAX.ofOne);
    expect(await gaps()).toMatchObject([{ calls: 7 }]);
    expect(await storedRows(quiet, "logged_call")).toHaveLength(1);
    expect(await storedRows(quiet, "call_gap")).toEqual([]);
    expect((await lostInAll()) - lostBefore).toBe(7);
  });

  test("writes no calls while requests wait for a connection", async () => {
    const busy = vi.spyOn(pool(), "waitingCount", "get").mockReturnValue(1);
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const connect = vi.spyOn(pool(), "connect");
    logCall(makeCall(app));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(connect).not.toHaveBeenCalled();
    vi.useRealTimers();
    connect.mockRestore();
    busy.mockRestore();
    await writeCalls();
    expect(await logged()).toHaveLength(1);
  });

  test("stores the number of lost calls once the database is available again", async () => {
    const broken = vi.spyOn(pool(), "connect").mockRejectedValue(new Error("away"));
    for (const _ of [1, 2, 3]) logCall(makeCall(app));
    await writeCalls();
    broken.mockRestore();
    logCall(makeCall(app));
    await writeCalls();
    expect(await logged()).toHaveLength(1);
    expect(await gaps()).toMatchObject([{ calls: 3 }]);
  });

  test("writes the calls of other organizations after one is deleted", async () => {
    const gone = { organizationId: crypto.randomUUID(), appId: crypto.randomUUID() };
    const lostBefore = await lostInAll();
    logCall(makeCall(gone));
    logCall(makeCall(app));
    await writeCalls();
    expect(await logged()).toHaveLength(1);
    expect(await lostInAll()).toBe(lostBefore);
  });

  test("deletes an organization's log with the organization", async () => {
    logCall(makeCall(app));
    await writeCalls();
    const { organizationId } = app;
    await inOrganization(app, (tx) => tx.organizationId.deleteMany({ where: { id: organizationId } }));
    expect(await logged()).toEqual([]);
  });
});

async function lostInAll(): Promise<number> {
  const { text } = await readMetrics();
  return Number(/^dingkeep_calls_not_logged_total (\d+)/m.exec(text)?.[1] ?? 0);
}

test("a stopping process writes its buffered calls, and a killed one writes all of a batch or nothing", async () => {
  const path = await bundleProgram({ file: "lib/calls/test-support/calls-process.ts" });
  const start = async () => {
    const started = spawnProgram(path, { args: [JSON.stringify(app), "300"] });
    await started.line("recorded");
    return started;
  };
  await (await start()).kill();
  const left = (await logged()).length;
  expect([0, 300]).toContain(left);
  const told = await start();
  told.child.kill("SIGTERM");
  expect(await told.ended).toBe(0);
  expect(await logged()).toHaveLength(left + 300);
});
