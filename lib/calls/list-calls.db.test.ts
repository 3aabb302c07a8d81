import { beforeEach, describe, expect, test } from "vitest";
import type { AppRef } from "@/lib/app-ref";
import { grant } from "@/lib/auth/actor";
import { nextCursor } from "@/lib/pagination/cursor";
import { makeApp, makeOrganization, type TestOrganization } from "@/lib/testing/factories";
import type { Call } from "./call";
import { listCalls, readCallNames } from "./list-calls";
import { logCall, writeCalls } from "./log/log-calls";
import { keptSinceMs } from "./log/prune-calls";
import { type CallsQuery, callsQuery } from "./schema";
import { makeCall } from "./test-support/make-call";

let organization: TestOrganization;
let app: AppRef;
beforeEach(async () => {
  organization = await makeOrganization();
  app = await makeApp({ appKey: "dinglisted", appSecret: "secret" }, organization);
});

async function write(...calls: Partial<Call>[]): Promise<void> {
  for (const call of calls) logCall(makeCall(app, call));
  await writeCalls();
}

async function list(query: CallsQuery = {}, of = organization) {
  const listed = await listCalls(grant(of.owner, "call.read"), query);
  if (!listed.ok) throw new Error(listed.error);
  return listed.value;
}
const durations = async (query: CallsQuery) => (await list(query)).calls.map(({ durationMs }) => durationMs);

describe("listCalls", () => {
  test("pages in both directions, newest first, with each call once, while new calls arrive", async () => {
    const startMs = Date.now() - 3_600_000;
    const numbered = Array.from({ length: 120 }, (_, n) => ({ atMs: startMs + n, durationMs: n }));
    await write(...numbered);
    const first = await list();
    expect(first.calls.map(({ durationMs }) => durationMs)).toEqual(
      numbered.map((_, n) => 119 - n).slice(0, 50),
    );
    expect(first.newer).toBeNull();
    await write({ durationMs: 999 });
    const second = await list(callsQuery.parse({ before: nextCursor(first.older) }));
    const third = await list(callsQuery.parse({ before: nextCursor(second.older) }));
    const seen = [first, second, third].flatMap(({ calls }) => calls.map(({ durationMs }) => durationMs));
    expect(seen).toEqual(numbered.map((_, n) => 119 - n));
    expect(third.older).toBeNull();
    const back = await list(callsQuery.parse({ after: nextCursor(third.newer) }));
    expect(back.calls).toEqual(second.calls);
  });

  test("filters calls by app, caller, outcome, part of the path, request ID, and any combination", async () => {
    const second = await makeApp({ appKey: "dingsecond", appSecret: "secret" }, organization);
    const keyId = crypto.randomUUID();
    await write(
      { durationMs: 1 },
      { durationMs: 2, appId: second.appId },
      { durationMs: 3, keyId },
      { durationMs: 4, outcome: "throttled" },
      { durationMs: 5, path: "topapi/im/chat_x/get", requestId: "r%5" },
      { durationMs: 6, keyId, outcome: "throttled", appId: second.appId, requestId: "r-6" },
    );
    const sorted = async (query: object) => (await durations(callsQuery.parse(query))).toSorted();
    expect(await sorted({ app: second.appId })).toEqual([2, 6]);
    expect(await sorted({ key: keyId })).toEqual([3, 6]);
    expect(await sorted({ key: "own" })).toEqual([1, 2, 4, 5]);
    expect(await sorted({ outcome: "throttled" })).toEqual([4, 6]);
    expect(await sorted({ path: "CHAT_" })).toEqual([5]);
    expect(await sorted({ request: " r%5 " })).toEqual([5]);
    const all = { app: second.appId, key: keyId, outcome: "throttled", path: "listsub", request: "r-6" };
    expect(await sorted(all)).toEqual([6]);
  });

  test("S26 treats typed text literally, and ignores invalid parameters", async () => {
    await write({ durationMs: 1 });
    for (const path of ["%", "_", "\\", "' OR true --", ".*"])
      expect(await durations(callsQuery.parse({ path })), path).toEqual([]);
    const nonsense = { app: "x", key: "y", outcome: "z", path: ["a", "b"], before: "1", after: "2" };
    expect(await durations(callsQuery.parse(nonsense))).toEqual([1]);
    expect(await durations(callsQuery.parse({ path: "  " }))).toEqual([1]);
  });

  test("S26 ends a slow search with the error `too_slow`", async () => {
    await write(...Array.from({ length: 3_000 }, () => ({ path: "x/".repeat(40) })));
    const slow = await listCalls(grant(organization.owner, "call.read"), { path: "nowhere" }, 1);
    expect(slow).toEqual({ ok: false, error: "too_slow" });
  });

  test("returns no call of another organization and none older than 30 days", async () => {
    const theirs = await makeOrganization();
    await write({ durationMs: 1 }, { durationMs: 2, atMs: keptSinceMs(Date.now()) - 1 });
    expect((await list()).calls).toHaveLength(1);
    for (const query of [{}, { app: app.appId }, { request: "r-1" }]) {
      expect((await list(query, theirs)).calls).toEqual([]);
    }
    expect((await readCallNames(grant(theirs.owner, "call.read"))).keys).toEqual([]);
  });
});
