import { inspect } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { Redacted } from "@/lib/redacted";
import { DEFAULT_APP_KEY, DEFAULT_APP_SECRET, DEFAULT_CORP_ID } from "@/simulator/start-simulator";
import type { StreamOptionsInput } from "@/simulator/stream/stream-control";
import { type OpenSimulator, openSimulator } from "@/simulator/testing/open-simulator";
import type { DingtalkError } from "../errors";
import { makeDingtalk } from "../test-support/make-dingtalk";
import { manualClock } from "../test-support/manual-clock";
import { startProxy, startRefusingProxy } from "../test-support/servers";
import type { ConnectionEnd } from "./connection";
import type { StreamEvent } from "./frames";
import { backOffMs, type StreamClientOptions, startStream } from "./stream-client";

const APP = {
  appKey: DEFAULT_APP_KEY,
  appSecret: new Redacted(DEFAULT_APP_SECRET),
  limiterId: DEFAULT_APP_KEY,
  callsPerSecond: 20,
};

/** Starts a client of a simulator whose clock, like the client's, stands still. */
async function openClient({
  simulator: given,
  streamOptions = {},
  ...options
}: Partial<StreamClientOptions> & {
  readonly simulator?: OpenSimulator;
  readonly streamOptions?: StreamOptionsInput;
} = {}) {
  const simulator = given ?? (await openSimulator());
  const { control, url } = simulator;
  control.subscribeStream(DEFAULT_APP_KEY);
  control.setStreamOptions(DEFAULT_APP_KEY, streamOptions);
  const clock = manualClock();
  const { dingtalk } = makeDingtalk({ url, now: clock.now, sleep: clock.sleep });
  const [stored, ends, failures, opens]: [
    StreamEvent[],
    ConnectionEnd[],
    DingtalkError[],
    (number | null)[],
  ] = [[], [], [], []];
  const client = startStream({
    dingtalk,
    loadApp: async () => APP,
    store: async (events) => void stored.push(...events),
    onOpen: async (aliveUntilMs) => void opens.push(aliveUntilMs),
    onEnd: async (end) => void ends.push(end),
    onFailure: async (error) => void failures.push(error as DingtalkError),
    ...options,
  });
  onTestFinished(() => client.stop());
  return {
    ...simulator,
    client,
    clock,
    stored,
    ends,
    failures,
    opens,
    connections: () => control.listConnections(DEFAULT_APP_KEY),
    opened: (count: number) => expect.poll(() => opens.length).toBe(count),
    rename: (name: string) =>
      control.changeDirectory(DEFAULT_CORP_ID, [{ op: "rename_department", id: 1, name }]),
    reasons: () => control.listPushes().map(({ attempts }) => attempts.map(({ reason }) => reason)),
    /** Waits for the pause before the next attempt. */
    paused: () => expect.poll(() => clock.sleeping()).toHaveLength(1),
    attempts: () =>
      control.readCalls({ appKey: DEFAULT_APP_KEY }).byPath["v1.0/gateway/connections/open"] ?? 0,
  };
}

describe("events", () => {
  test("an event is read from its frame and acknowledged", async () => {
    const { control, opened, rename, stored, reasons, connections } = await openClient();
    await opened(1);
    rename("新集团");
    await control.settleEvents();
    const eventId = control.listPushes()[0]?.event.eventId;
    const sentAtMs = control.now();
    expect(stored).toMatchObject([
      {
        sentAtMs,
        event: {
          type: "org_dept_modify",
          corpId: DEFAULT_CORP_ID,
          dedupeKey: eventId,
          bornAtMs: sentAtMs,
          departmentIds: ["1"],
        },
      },
    ]);
    expect(reasons()).toEqual([["success"]]);
    expect(connections()).toMatchObject([{ ua: "dingkeep" }]);
  });

  test("an event is acknowledged only after it was stored", async () => {
    const gate = Promise.withResolvers<void>();
    const { control, opened, rename, connections, reasons } = await openClient({
      store: () => gate.promise,
    });
    await opened(1);
    rename("新集团");
    await expect.poll(() => connections()[0]?.events).toBe(1);
    expect(reasons()).toEqual([[]]);
    gate.resolve();
    await control.settleEvents();
    expect(reasons()).toEqual([["success"]]);
  });

  test("DingTalk sends an event again that was not stored", async () => {
    let failing = true;
    const { control, opened, rename, reasons } = await openClient({
      streamOptions: { pingEveryMs: 600_000 },
      store: async () => {
        if (failing) throw new Error("the database is away");
      },
    });
    await opened(1);
    rename("新集团");
    await control.settleEvents();
    expect(reasons()).toEqual([["later"]]);
    failing = false;
    control.advanceClock(60_000);
    await control.settleEvents();
    expect(reasons()).toEqual([["later", "success"]]);
  });

  test("an event that can't be stored doesn't block the others of its batch", async () => {
    const gate = Promise.withResolvers<void>();
    const batches: number[] = [];
    const { control, opened, rename, connections, reasons } = await openClient({
      streamOptions: { ackWithinMs: 600_000 },
      store: async (events) => {
        batches.push(events.length);
        await gate.promise;
        if (events.some(({ event }) => event.type === "label_conf_add")) throw new Error("refused");
      },
    });
    await opened(1);
    rename("一");
    await expect.poll(() => batches).toEqual([1]);
    rename("二");
    control.pushEvent(DEFAULT_APP_KEY, { eventType: "label_conf_add", data: {} });
    rename("三");
    // The answered ping shows that the events before it have arrived
    control.advanceClock(30_000);
    await expect.poll(connections).toMatchObject([{ events: 4, acknowledged: 1 }]);
    gate.resolve();
    await control.settleEvents();
    expect(batches).toEqual([1, 3, 1, 1, 1]);
    expect(reasons()).toEqual([["success"], ["success"], ["later"], ["success"]]);
  });

  test("stop acknowledges the events that have arrived", async () => {
    const gate = Promise.withResolvers<void>();
    const storing = Promise.withResolvers<void>();
    const { client, control, opened, rename, connections, reasons } = await openClient({
      store: () => {
        storing.resolve();
        return gate.promise;
      },
    });
    await opened(1);
    rename("新集团");
    await storing.promise;
    const stopped = client.stop();
    gate.resolve();
    await stopped;
    await control.settleEvents();
    expect(reasons()).toEqual([["success"]]);
    await expect.poll(connections).toEqual([]);
  });
});

describe("connections", () => {
  test("pings are answered", async () => {
    const { control, opened, connections } = await openClient();
    await opened(1);
    await control.passTime(60_000);
    expect(connections()).toMatchObject([{ acknowledged: 2 }]);
  });

  test("after the frame `disconnect` the next connection is opened at once, and pending events are acknowledged", async () => {
    const gate = Promise.withResolvers<void>();
    const { control, opened, rename, connections, reasons, ends, clock } = await openClient({
      store: () => gate.promise,
    });
    await opened(1);
    const first = connections()[0]?.id ?? "";
    rename("新集团");
    await expect.poll(() => connections()[0]?.events).toBe(1);
    control.disconnectConnection(first);
    await opened(2);
    expect(connections().map(({ state }) => state)).toEqual(["disconnecting", "open"]);
    expect(ends).toEqual([{ reason: "disconnect", aliveUntilMs: clock.now() }]);
    gate.resolve();
    await control.settleEvents();
    expect(reasons()).toEqual([["success"]]);
    await expect.poll(() => connections().map(({ state }) => state)).toEqual(["open"]);
  });

  test("a connection without a frame for 120 seconds is replaced", async () => {
    const { control, opened, connections, clock, ends, opens, paused } = await openClient();
    await opened(1);
    const openedAtMs = clock.now();
    control.muteConnection(connections()[0]?.id ?? "");
    clock.advance(119_999);
    expect(connections()).toHaveLength(1);
    clock.advance(1);
    await expect.poll(() => ends).toEqual([{ reason: "silent", aliveUntilMs: openedAtMs }]);
    await paused();
    clock.advance(1_500);
    await opened(2);
    expect(opens).toEqual([null, openedAtMs]);
  });

  test("a frame extends the time", async () => {
    const { control, opened, clock, ends, connections } = await openClient();
    await opened(1);
    clock.advance(100_000);
    await control.passTime(30_000);
    expect(connections()).toMatchObject([{ acknowledged: 1 }]);
    clock.advance(119_999);
    await control.passTime(30_000);
    expect(ends).toEqual([]);
    expect(connections()).toMatchObject([{ acknowledged: 2 }]);
  });

  test("a killed connection is replaced after a pause of one to two seconds", async () => {
    const { control, opened, connections, clock, ends, paused } = await openClient();
    await opened(1);
    clock.advance(60_000);
    control.killConnection(connections()[0]?.id ?? "");
    await expect.poll(() => ends).toEqual([{ reason: "closed", aliveUntilMs: clock.now() }]);
    await paused();
    expect(clock.sleeping()).toEqual([1_500]);
    clock.advance(1_500);
    await opened(2);
  });

  test("a failed record of the opening closes the connection and counts as a failed attempt", async () => {
    const { failures, connections, paused } = await openClient({
      onOpen: async () => {
        throw new Error("the database is away");
      },
    });
    await paused();
    expect(failures).toMatchObject([{ message: "the database is away" }]);
    await expect.poll(connections).toEqual([]);
  });

  test("a client ends when its app needs no connection", async () => {
    const { client, attempts } = await openClient({ loadApp: async () => null });
    await expect.poll(client.isOver).toBe(true);
    expect(attempts()).toBe(0);
  });
});

describe("refused connections", () => {
  test.each(["gateway", "handshake", "after_open"] as const)(
    "attempts that are refused with %s pause up to 60 seconds, until a connection lasts",
    async (refusal) => {
      const { control, clock, paused, attempts, opened, connections } = await openClient({
        streamOptions: { refusal },
      });
      const pauses: number[] = [];
      for (let count = 0; count < 8; count += 1) {
        await paused();
        const [ms = 0] = clock.sleeping();
        pauses.push(ms);
        if (count === 7) control.setStreamOptions(DEFAULT_APP_KEY, { refusal: null });
        clock.advance(ms);
      }
      expect(pauses).toEqual([1_500, 3_000, 6_000, 12_000, 24_000, 45_000, 45_000, 45_000]);
      await opened(refusal === "after_open" ? 9 : 1);
      expect(attempts()).toBe(9);
      clock.advance(60_000);
      control.killConnection(connections()[0]?.id ?? "");
      await expect.poll(() => clock.sleeping()).toEqual([1_500]);
    },
  );

  test("a refused secret is reported with DingTalk's code and request ID, and tried again after 10 minutes or on request", async () => {
    const { client, failures, paused, clock, attempts } = await openClient({
      loadApp: async () => ({ ...APP, appSecret: new Redacted("MARKED-SECRET") }),
    });
    await paused();
    expect(clock.sleeping()).toEqual([600_000]);
    expect(failures).toMatchObject([
      {
        kind: "credentials_refused",
        upstream: { status: 401, code: "authFailed", requestId: expect.stringMatching(/./) },
      },
    ]);
    expect(inspect(failures, { depth: 9 })).not.toContain("MARKED");
    client.retryNow();
    await expect.poll(attempts).toBe(2);
  });

  test("a refused handshake is reported without the ticket", async () => {
    const { failures, paused } = await openClient({ streamOptions: { refusal: "handshake" } });
    await paused();
    expect(failures).toMatchObject([{ api: "connect", upstream: { status: 403 } }]);
    expect(inspect(failures, { depth: 9 })).not.toContain("ticket");
  });

  test("the pause is between 1 and 60 seconds", () => {
    expect([0, 1].map((random) => backOffMs(1, random))).toEqual([1_000, 2_000]);
    expect([0, 1].map((random) => backOffMs(100, random))).toEqual([30_000, 60_000]);
  });
});

test("the WebSocket goes through the proxy", async () => {
  const simulator = await openSimulator();
  const proxy = await startProxy({ host: "127.0.0.1", port: simulator.port });
  const { opened, connections } = await openClient({
    simulator,
    proxyUrl: proxy.url.replace("://", "://user:p%40ss@"),
  });
  await opened(1);
  expect(connections()).toHaveLength(1);
  const authorization = `Basic ${btoa("user:p@ss")}`;
  expect(proxy.asked).toEqual([{ method: "CONNECT", target: `127.0.0.1:${simulator.port}`, authorization }]);
});

test("a proxy's refusal is reported without the proxy's password", async () => {
  const url = await startRefusingProxy();
  const { failures, paused } = await openClient({ proxyUrl: url.replace("://", "://user:MARKED@") });
  await paused();
  expect(failures).toMatchObject([{ kind: "unreachable", upstream: { networkCode: "PROXY_407" } }]);
  expect(inspect(failures, { depth: 9 })).not.toContain("MARKED");
});
