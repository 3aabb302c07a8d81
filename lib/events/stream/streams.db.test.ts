import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type AppRef, keyOf } from "@/lib/app-ref";
import { grant } from "@/lib/auth/actor";
import { closeNotifications } from "@/lib/db/notifications";
import { inOrganization, inOrganizationSql } from "@/lib/db/unit-of-work";
import { readEvent } from "@/lib/dingtalk/read-event";
import { deleteApp } from "@/lib/dingtalk-apps/delete-app";
import { disableApp } from "@/lib/dingtalk-apps/enable-disable-app";
import { openAdmin, storedJobs } from "@/lib/jobs/test-support/stored-jobs";
import {
  CORP,
  connectApp,
  makeOrganization as makeSyncOrganization,
  openDingtalk,
  syncNow,
  TEST_APP_KEY,
  toolsFor,
  treeOf,
  truthOf,
} from "@/lib/testing/directory-sync";
import { makeApp, makeOrganization } from "@/lib/testing/factories";
import { bundleProgram, spawnProgram } from "@/lib/testing/program";
import type { Simulator } from "@/simulator/start-simulator";
import { processEvents } from "../process/process-events";
import { eventsOf, subscriptionOf } from "../receive/test-support/push";
import { reconcileJob } from "../recover/reconcile-job";
import { chooseWay } from "../subscription/choose-way";
import { recordEnded, recordOpened } from "./connection-state";
import { storeStreamEvents } from "./store-stream-events";
import { startStreams } from "./supervisor";

const admin = openAdmin();
let dingtalk: Simulator;
beforeAll(async () => {
  dingtalk = await openDingtalk(12);
  Object.assign(process.env, { DINGTALK_OAPI_URL: dingtalk.url, DINGTALK_API_URL: dingtalk.url });
});
afterAll(() => closeNotifications());

/** Keeps the connections in this process until the test ends. */
function keepStreams() {
  const streams = startStreams({ processId: randomUUID(), balanceMs: 20 });
  onTestFinished(() => streams.stop());
  return streams;
}

/** Makes an app of a new organization that receives events over Stream, unless its secret is wrong. */
async function makeStreamed({ secret = "stream-secret" } = {}) {
  const { control } = dingtalk;
  const [appKey, corpId] = [`ding${randomUUID()}`, `ding${randomUUID()}`];
  control.addOrganization({ corpId, size: 3 });
  control.addApp({ appKey, appSecret: "stream-secret", corpId });
  control.subscribeStream(appKey);
  const organization = await makeOrganization();
  const { organizationId, owner } = organization;
  const app = await makeApp({ appKey, appSecret: secret }, { organizationId });
  const actor = grant(owner, "app.change");
  await chooseWay(actor, app.appId, "stream");
  return {
    organization,
    app,
    appKey,
    actor,
    rename: (name: string) => control.changeDirectory(corpId, [{ op: "rename_department", id: 1, name }]),
    connections: () => control.listConnections(appKey),
    connected: (count = 1) => expect.poll(() => control.listConnections(appKey)).toHaveLength(count),
    reasons: () => control.listPushes({ appKey }).map(({ attempts }) => attempts.map(({ reason }) => reason)),
  };
}

const reconciliations = (app: AppRef) => storedJobs(admin, "event.reconcile", keyOf(app));

describe("events over Stream", () => {
  test("changes at DingTalk reach the directory, and repeated events are stored once", async () => {
    const { control } = dingtalk;
    const organization = await makeSyncOrganization();
    const app = await connectApp(organization);
    const tools = toolsFor(dingtalk, { dingtalk: { timeoutMs: 60_000 } });
    await syncNow(organization, app, tools);
    control.subscribeStream(TEST_APP_KEY);
    control.setEventOptions(TEST_APP_KEY, { duplicates: 2 });
    const { organizationId, userId } = organization;
    await chooseWay(grant({ organizationId, role: "admin", userId }, "app.change"), app.appId, "stream");
    keepStreams();
    await expect.poll(() => control.listConnections(TEST_APP_KEY)).toHaveLength(1);
    await expect.poll(() => subscriptionOf(app)).toMatchObject({ streamConnectedAt: expect.any(Date) });
    const first = [...truthOf(dingtalk)].find(([, { parentId }]) => parentId === 1)?.[0] ?? 1;
    control.changeDirectory(CORP, [
      { op: "rename_department", id: first, name: "改名" },
      { op: "add_department", parentId: first, id: 901, name: "新增" },
      { op: "add_person", name: "新人", userid: "arrives", departments: [901] },
    ]);
    await control.settleEvents();
    const pushes = control.listPushes({ appKey: TEST_APP_KEY });
    expect(pushes.map(({ state }) => state)).toEqual(pushes.map(() => "delivered"));
    const events = await eventsOf(app);
    expect(events.map(({ dedupeKey }) => dedupeKey).toSorted()).toEqual(
      pushes.map(({ event }) => event.eventId).toSorted(),
    );
    expect(new Set(events.map(({ source, state }) => `${source} ${state}`))).toEqual(
      new Set(["stream pending"]),
    );
    expect(await storedJobs(admin, "event.process", keyOf(app))).toHaveLength(1);
    await processEvents(app, new AbortController().signal, {
      callsOf: (options) => tools.callsOf(app, () => {}, options),
      objectsMax: 500,
    });
    expect(await treeOf(app)).toEqual(truthOf(dingtalk));
    expect(await subscriptionOf(app)).toMatchObject({ lastEventAt: expect.any(Date) });
  });

  test("an event is acknowledged after it was stored, and another process takes over from one that is killed before", async () => {
    const { control } = dingtalk;
    const { app, appKey, rename, connected, connections, reasons } = await makeStreamed();
    control.setStreamOptions(appKey, { redeliverAfterMs: 60_000, ackWithinMs: 600_000 });
    const path = await bundleProgram({ file: "lib/events/test-support/stream-process.ts" });
    const processes = await Promise.all(
      [1, 2].map(async () => {
        const program = spawnProgram(path, { env: { LOG_LEVEL: "silent" } });
        return { program, id: await program.line() };
      }),
    );
    const holderOf = async () => (await subscriptionOf(app)).streamProcess;
    // The shards settle once each process has its half
    await expect.poll(shardsByHolder).toEqual([16, 16]);
    await connected();
    await expect.poll(holderOf).toEqual(expect.any(String));
    expect(await reconciliations(app)).toHaveLength(1);

    const blocker = await blockEvents();
    rename("新集团");
    await expect.poll(blocker.waiting).toBe(1);
    expect(connections()).toMatchObject([{ events: 1, acknowledged: 0 }]);
    const holder = await holderOf();
    await processes.find(({ id }) => id === holder)?.program.kill();
    await expect.poll(reasons).toEqual([["closed"]]);
    await blocker.release();

    const successor = processes.find(({ id }) => id !== holder)?.id;
    await expect.poll(holderOf).toBe(successor);
    await connected();
    expect(await eventsOf(app)).toEqual([]);
    control.advanceClock(60_000);
    await expect.poll(reasons).toEqual([["closed", "success"]]);
    expect(await eventsOf(app)).toHaveLength(1);
    // The gap was shorter than 10 seconds, so no second sync is queued
    expect(await reconciliations(app)).toHaveLength(1);
  });

  test("events of a deleted subscription are not stored", async () => {
    const { app, rename, connected, reasons } = await makeStreamed();
    keepStreams();
    await connected();
    const { organizationId, appId } = app;
    // Without a notice, so that the connection stays open
    await inOrganization(app, (tx) => tx.dingtalkApp.deleteMany({ where: { organizationId, id: appId } }));
    rename("新集团");
    await expect.poll(reasons).toEqual([["later"]]);
    expect(await eventsOf(app)).toEqual([]);
  });
});

test.each([
  ["a day and a second ago", -24 * 3_600_000 - 1_000, true],
  ["an hour ago", -3_600_000, false],
])("an event that DingTalk sent %s is stored with late: %s", async (_, offsetMs, isLate) => {
  const { app } = await makeStreamed();
  const stream = { ...app, subscriptionId: (await subscriptionOf(app)).id };
  const read = readEvent('{"userId":["someone"]}', { type: "user_modify_org", eventId: randomUUID() });
  if (!read.ok) throw new Error("the event is malformed");
  const sentAtMs = Date.now() + offsetMs;
  await storeStreamEvents(stream, [{ messageId: "m", event: read.value, sentAtMs }]);
  expect(await eventsOf(app)).toMatchObject([{ isLate, userIds: ["someone"] }]);
});

/** Returns how many shards each process holds. */
async function shardsByHolder(): Promise<number[]> {
  const { rows } = await admin.query<{ shards: number }>(
    `SELECT count(*)::int AS shards FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 AND mode = 'ExclusiveLock'
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) GROUP BY pid`,
  );
  return rows.map(({ shards }) => shards);
}

/** Locks the table of events, so that storing waits. */
async function blockEvents() {
  const client = new pg.Client({ connectionString: process.env.TEST_ADMIN_URL });
  await client.connect();
  onTestFinished(() => client.end());
  await client.query("BEGIN");
  await client.query("LOCK TABLE dingtalk_event IN EXCLUSIVE MODE");
  return {
    waiting: async () => {
      const { rows } = await admin.query(
        `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
         AND query ~ 'INSERT INTO dingtalk_event'`,
      );
      return rows.length;
    },
    release: () => client.query("ROLLBACK"),
  };
}

describe("connections of apps", () => {
  test("a connection opens when Stream is chosen, and ends when HTTP is chosen", async () => {
    keepStreams();
    const { app, actor, connected } = await makeStreamed();
    await connected();
    await chooseWay(actor, app.appId, "http");
    await connected(0);
    expect(await subscriptionOf(app)).toMatchObject({ way: "http", streamConnectedAt: null });
  });

  test("the connection ends when its app is disabled or deleted", async () => {
    keepStreams();
    const [disabled, deleted] = [await makeStreamed(), await makeStreamed()];
    await Promise.all([disabled.connected(), deleted.connected()]);
    await disableApp(disabled.actor, disabled.app.appId);
    await deleteApp(grant(deleted.organization.owner, "app.delete"), deleted.app.appId, null);
    await Promise.all([disabled.connected(0), deleted.connected(0)]);
    await expect
      .poll(() => subscriptionOf(disabled.app))
      .toMatchObject({
        streamConnectedAt: null,
        streamEndedAt: expect.any(Date),
      });
  });

  test("a refused app is recorded with DingTalk's code and request ID, and doesn't disturb another organization", async () => {
    const refused = await makeStreamed({ secret: "another-secret" });
    const working = await makeStreamed();
    keepStreams();
    await working.connected();
    await expect
      .poll(() => subscriptionOf(refused.app))
      .toMatchObject({
        streamConnectedAt: null,
        streamFailedAt: expect.any(Date),
        streamError: {
          kind: "credentials_refused",
          code: "authFailed",
          requestId: expect.stringMatching(/./),
        },
      });
    expect(JSON.stringify(await subscriptionOf(refused.app))).not.toContain("another-secret");
    working.rename("新集团");
    await expect.poll(working.reasons).toEqual([["success"]]);
    expect(await eventsOf(refused.app)).toEqual([]);
  });

  test("S17 two organizations with one AppKey have a connection each, and an event reaches one of them", async () => {
    const first = await makeStreamed();
    const { organizationId, owner } = await makeOrganization();
    const second = await makeApp({ appKey: first.appKey, appSecret: "stream-secret" }, { organizationId });
    await chooseWay(grant(owner, "app.change"), second.appId, "stream");
    keepStreams();
    await first.connected(2);
    first.rename("新集团");
    await expect.poll(first.reasons).toEqual([["success"]]);
    const events = [...(await eventsOf(first.app)), ...(await eventsOf(second))];
    expect(events).toHaveLength(1);
  });

  test("a change whose notice was lost is found when the listening session is renewed", async () => {
    keepStreams();
    const { app, actor, connected } = await makeStreamed();
    await connected();
    await inOrganization(app, (tx) =>
      tx.eventSubscription.updateMany({
        where: { organizationId: app.organizationId },
        data: { way: "http" },
      }),
    );
    await admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE application_name = 'dingkeep-listen' AND datname = current_database()`,
    );
    await connected(0);
    await chooseWay(actor, app.appId, "stream");
    await connected();
  });

  test("stopping records the end and lets another process connect at once", async () => {
    const { app, connected } = await makeStreamed();
    const streams = keepStreams();
    await connected();
    await expect.poll(() => subscriptionOf(app)).toMatchObject({ streamConnectedAt: expect.any(Date) });
    await streams.stop();
    expect(await subscriptionOf(app)).toMatchObject({
      streamConnectedAt: null,
      streamEndedAt: expect.any(Date),
    });
    await connected(0);
    keepStreams();
    await connected();
    expect(await reconciliations(app)).toHaveLength(1);
  });

  test("a third-party app has no Stream", async () => {
    const { organizationId, owner } = await makeOrganization();
    const app = await makeApp({ appKey: `suite${randomUUID()}`, appSecret: "x" }, { organizationId });
    await inOrganization(app, (tx) =>
      tx.dingtalkApp.updateMany({
        where: { organizationId, id: app.appId },
        data: { kind: "isv", corpId: "dingcorp" },
      }),
    );
    expect(await chooseWay(grant(owner, "app.change"), app.appId, "stream")).toEqual({
      ok: false,
      error: "third_party",
    });
  });
});

describe("a gap before a connection", () => {
  /** Records an opening after setting the state before. @returns the number of queued syncs */
  async function openAfter(
    state: string,
    aliveMsAgo: number | null = null,
    processId: string = randomUUID(),
  ): Promise<number> {
    const { app } = await makeStreamed();
    const { organizationId } = app;
    const { id: subscriptionId } = await subscriptionOf(app);
    await inOrganizationSql(app, (client) =>
      client.query(`UPDATE event_subscription SET ${state} WHERE organization_id = $1 AND id = $2`, [
        organizationId,
        subscriptionId,
      ]),
    );
    await recordOpened({ ...app, subscriptionId }, { processId, aliveMsAgo });
    return (await reconciliations(app)).length;
  }

  /** Makes the record of a process that was alive a while ago. */
  async function processSeen(secondsAgo: number): Promise<string> {
    const id = randomUUID();
    await admin.query(
      `INSERT INTO live_process (id, key_hashes, seen_at) VALUES ($1, '{}', now() - make_interval(secs => $2))`,
      [id, secondsAgo],
    );
    return id;
  }

  const endedAgo = (seconds: number) => `stream_ended_at = now() - interval '${seconds} seconds'`;
  const heldBy = (id: string) => `stream_connected_at = now() - interval '1 hour', stream_process = '${id}'`;

  test("starts a sync if it was longer than 10 seconds or is unknown", async () => {
    expect(await openAfter("way = 'stream'")).toBe(1);
    expect(await openAfter(endedAgo(11))).toBe(1);
    expect(await openAfter(endedAgo(9))).toBe(0);
    expect(await openAfter(endedAgo(60), 10_000)).toBe(0);
    expect(await openAfter(endedAgo(1), 10_001)).toBe(1);
  });

  test("lasts from the last heartbeat of a process that died", async () => {
    expect(await openAfter(heldBy(await processSeen(9)))).toBe(0);
    expect(await openAfter(heldBy(await processSeen(11)))).toBe(1);
    expect(await openAfter(heldBy(randomUUID()))).toBe(1);
  });

  test("is unknown if this process could not record the end of its connection", async () => {
    const own = await processSeen(0);
    expect(await openAfter(heldBy(own), null, own)).toBe(1);
  });

  test("doesn't begin with the late end of a connection that another process has replaced", async () => {
    const { app } = await makeStreamed();
    const stream = { ...app, subscriptionId: (await subscriptionOf(app)).id };
    const [first, second] = [randomUUID(), randomUUID()];
    await recordOpened(stream, { processId: first, aliveMsAgo: 0 });
    await recordOpened(stream, { processId: second, aliveMsAgo: 0 });
    await recordEnded(stream, { processId: first, aliveMsAgo: 0 });
    expect(await subscriptionOf(app)).toMatchObject({
      streamConnectedAt: expect.any(Date),
      streamEndedAt: null,
    });
    await recordEnded(stream, { processId: second, aliveMsAgo: 5_000 });
    const { streamConnectedAt, streamEndedAt } = await subscriptionOf(app);
    expect(streamConnectedAt).toBeNull();
    expect(Math.abs(Date.now() - 5_000 - Number(streamEndedAt))).toBeLessThan(3_000);
  });

  test("is followed by a sync, after another one that may have begun before", async () => {
    const { app } = await makeStreamed();
    const { organizationId, appId } = app;
    const context = { id: randomUUID(), tries: 1, signal: new AbortController().signal };
    const runs = () => inOrganization(app, (tx) => tx.syncRun.findMany({ where: { organizationId, appId } }));
    await reconcileJob(app, context);
    expect(await runs()).toMatchObject([{ state: "queued", trigger: "event", startedBy: null }]);
    expect(await reconciliations(app)).toEqual([]);
    const beforeMs = Date.now();
    await reconcileJob(app, context);
    expect(await runs()).toHaveLength(1);
    const [waiting] = await reconciliations(app);
    expect(waiting?.start_after.getTime()).toBeGreaterThanOrEqual(beforeMs + 30_000);
  });
});
