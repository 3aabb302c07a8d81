import { describe, expect, test } from "vitest";
import { DEFAULT_APP_KEY, DEFAULT_APP_SECRET, DEFAULT_CORP_ID } from "../start-simulator";
import { openSimulator } from "../testing/open-simulator";
import { openSocket, openStream, requestConnection } from "../testing/stream-client";
import type { Frame } from "./frames";

const RENAME = { op: "rename_department", id: 1, name: "新集团" } as const;

/** Starts a simulator whose default app uses stream mode. */
async function openWithStream() {
  const simulator = await openSimulator();
  const { control } = simulator;
  control.subscribeStream(DEFAULT_APP_KEY);
  return {
    ...simulator,
    /** Makes one event, and waits for the result of its first attempt. */
    async rename() {
      control.changeDirectory(DEFAULT_CORP_ID, [RENAME]);
      await control.settleEvents();
    },
    reasons: () => control.listPushes().map(({ attempts }) => attempts.map(({ reason }) => reason)),
  };
}

const eventsOf = (frames: readonly Frame[]) => frames.filter(({ type }) => type === "EVENT");
const topicsOf = (frames: readonly Frame[]) => frames.map(({ headers }) => headers.topic);

describe("v1.0/gateway/connections/open", () => {
  test("returns an address of this server and a ticket", async () => {
    const { url, port } = await openSimulator();
    const answer = await requestConnection(url);

    expect(answer).toEqual({
      status: 200,
      endpoint: `ws://127.0.0.1:${port}/connect`,
      ticket: expect.any(String),
    });
  });

  test.each([
    ["a wrong secret", { clientSecret: "no" }, 401, "authFailed"],
    ["a secret with whitespace", { clientSecret: "simulated-app-secret-for-tests-only " }, 401, "authFailed"],
    ["an unknown key", { clientId: "dingother" }, 401, "authFailed"],
    ["no topics", { subscriptions: [] }, 400, "systemError"],
  ])("refuses %s", async (_, fields, status, code) => {
    const { url } = await openSimulator();

    expect(await requestConnection(url, fields)).toMatchObject({
      status,
      code,
      requestid: expect.any(String),
    });
  });

  test("answers in XML to a client that does not ask for JSON", async () => {
    const { url } = await openSimulator();
    const response = await fetch(`${url}/v1.0/gateway/connections/open`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        clientId: DEFAULT_APP_KEY,
        clientSecret: DEFAULT_APP_SECRET,
        subscriptions: [{ type: "EVENT", topic: "*" }],
      }),
    });

    expect(response.headers.get("content-type")).toContain("xml");
    expect(await response.text()).toMatch(/^<result><endpoint>ws:.*<\/ticket><\/result>$/);
  });

  test("refuses a disabled app", async () => {
    const { url, control } = await openSimulator();
    control.changeApp(DEFAULT_APP_KEY, { disabled: true });

    expect((await requestConnection(url)).status).toBe(401);
  });

  test("a ticket opens one connection only", async () => {
    const { url, control } = await openSimulator();
    const answer = await requestConnection(url);

    expect((await openSocket(answer)).status).toBeNull();
    expect((await openSocket(answer)).status).toBe(401);
    expect(control.listConnections()).toHaveLength(1);
  });

  test("a ticket is valid for 90 seconds", async () => {
    const { url, control } = await openSimulator();
    const [early, late] = [await requestConnection(url), await requestConnection(url)];
    control.advanceClock(89_999);
    expect((await openSocket(early)).status).toBeNull();
    control.advanceClock(1);

    expect((await openSocket(late)).status).toBe(401);
  });

  test.each(["gateway", "handshake", "after_open"] as const)(
    "refuses connections with %s",
    async (refusal) => {
      const { url, control } = await openSimulator();
      control.setStreamOptions(DEFAULT_APP_KEY, { refusal });
      const answer = await requestConnection(url);

      if (refusal === "gateway") {
        expect(answer).toMatchObject({ status: 400, code: "systemError" });
        return;
      }
      const { socket, status } = await openSocket(answer);
      expect(status).toBe(refusal === "handshake" ? 403 : null);
      await expect
        .poll(() => socket.readyState)
        .toBe(refusal === "handshake" ? socket.CONNECTING : socket.CLOSED);
      expect(control.listConnections()).toEqual([]);
    },
  );

  test("requests and handshakes are counted by app, to find storms of reconnects", async () => {
    const { url, control } = await openSimulator();
    await openStream(url);

    expect(control.readCalls({ appKey: DEFAULT_APP_KEY }).byPath).toEqual({
      "v1.0/gateway/connections/open": 1,
      connect: 1,
    });
  });
});

describe("events in stream mode", () => {
  test("an event has its envelope in the headers, and is delivered after SUCCESS", async () => {
    const { url, control, rename } = await openWithStream();
    const { frames } = await openStream(url);
    await rename();

    const [connection] = control.listConnections(DEFAULT_APP_KEY);
    const now = String(control.now());
    expect(frames).toEqual([
      {
        specVersion: "1.0",
        type: "EVENT",
        headers: {
          topic: "*",
          messageId: expect.any(String),
          contentType: "application/json",
          time: now,
          connectionId: connection?.id,
          eventType: "org_dept_modify",
          eventId: control.listPushes()[0]?.event.eventId,
          eventCorpId: DEFAULT_CORP_ID,
          eventBornTime: now,
          eventUnifiedAppId: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
        },
        data: JSON.stringify({ deptId: [1], timeStamp: now }),
      },
    ]);
    expect(control.listPushes()).toMatchObject([
      { state: "delivered", attempts: [{ ok: true, connectionId: connection?.id }] },
    ]);
  });

  test.each([
    ["LATER", "later", () => ({ status: "LATER" })],
    ["an object without a status, as from an async handler of the Node SDK", "no_status", () => ({})],
    ["another status", "no_status", () => ({ status: "success" })],
  ])("are delivered again after 60 seconds when the answer is %s", async (_, reason, acknowledge) => {
    const { url, control, rename, reasons } = await openWithStream();
    const { frames } = await openStream(url, (frame) =>
      frame.type === "EVENT" ? acknowledge() : JSON.parse(frame.data),
    );
    control.setStreamOptions(DEFAULT_APP_KEY, { redeliveriesMax: 1 });
    await rename();
    await control.passTime(59_999);
    expect(reasons()).toEqual([[reason]]);
    await control.passTime(1);
    expect(reasons()).toEqual([[reason, reason]]);
    await control.passTime(600_000);

    expect(new Set(eventsOf(frames).map(({ headers }) => headers.eventId)).size).toBe(1);
    expect(eventsOf(frames)).toHaveLength(2);
    expect(control.listFailedEvents(DEFAULT_APP_KEY)).toEqual([]);
  });

  test("an event fails without an acknowledgment for 3 seconds", async () => {
    const { url, control, reasons } = await openWithStream();
    const { frames } = await openStream(url, () => null);
    control.changeDirectory(DEFAULT_CORP_ID, [RENAME]);
    await expect.poll(() => frames.length).toBe(1);
    control.advanceClock(2_999);
    expect(reasons()).toEqual([[]]);
    control.advanceClock(1);
    await control.settleEvents();

    expect(reasons()).toEqual([["timeout"]]);
  });

  test("an event fails when the connection is killed before the acknowledgment", async () => {
    const { url, control, reasons } = await openWithStream();
    const { frames } = await openStream(url, () => null);
    control.changeDirectory(DEFAULT_CORP_ID, [RENAME]);
    await expect.poll(() => frames.length).toBe(1);
    control.killConnection(control.listConnections()[0]?.id ?? "");
    await control.settleEvents();

    expect(reasons()).toEqual([["closed"]]);
  });

  test("an event fails without a connection, and with one for other topics only", async () => {
    const { url, rename, reasons } = await openWithStream();
    await rename();
    const robots = [{ type: "CALLBACK", topic: "/v1.0/im/bot/messages/get" }];
    await openStream(url, undefined, { subscriptions: robots });
    await rename();

    expect(reasons()).toEqual([["no_connection"], ["no_connection"]]);
  });

  test("each event goes to one connection, chosen at random", async () => {
    const { url, rename } = await openWithStream();
    const streams = [await openStream(url), await openStream(url), await openStream(url)];
    for (let time = 0; time < 30; time += 1) await rename();

    const counts = streams.map(({ frames }) => eventsOf(frames).length);
    expect(counts.reduce((sum, count) => sum + count)).toBe(30);
    expect(Math.min(...counts)).toBeGreaterThan(0);
  });

  test("an app that uses HTTP push gets none over its connections", async () => {
    const { url, control, rename } = await openWithStream();
    const { frames } = await openStream(url);
    control.unsubscribeEvents(DEFAULT_APP_KEY);
    await rename();

    expect(frames).toEqual([]);
  });

  test("events can be duplicated", async () => {
    const { url, control, rename } = await openWithStream();
    const { frames } = await openStream(url);
    control.setEventOptions(DEFAULT_APP_KEY, { duplicates: 1 });
    await rename();

    expect(new Set(eventsOf(frames).map(({ headers }) => headers.messageId)).size).toBe(1);
    expect(eventsOf(frames)).toHaveLength(2);
  });
});

describe("connections", () => {
  test("a connection gets a ping at each interval, and stays open while it answers", async () => {
    const { url, control } = await openWithStream();
    const { frames } = await openStream(url);
    await control.passTime(29_999);
    expect(frames).toEqual([]);
    await control.passTime(30_001);

    expect(topicsOf(frames)).toEqual(["ping", "ping"]);
    expect(JSON.parse(frames[0]?.data ?? "{}")).toEqual({ opaque: expect.any(String) });
    expect(control.listConnections()).toMatchObject([{ acknowledged: 2 }]);
  });

  test("a connection is closed after 10 seconds without an answer to a ping", async () => {
    const { url, control } = await openWithStream();
    const { frames, closed } = await openStream(url, () => null);
    control.advanceClock(30_000);
    await expect.poll(() => frames.length).toBe(1);
    control.advanceClock(9_999);
    expect(control.listConnections()).toHaveLength(1);
    control.advanceClock(1);

    expect(await closed).toBe(1006);
  });

  test("a connection is closed when it answers a ping with other data", async () => {
    const { url, control } = await openWithStream();
    const { closed } = await openStream(url, () => ({ opaque: "another" }));
    control.advanceClock(30_000);

    expect(await closed).toBe(1006);
  });

  test("a connection gets a disconnect frame, then nothing new, and is closed after 10 seconds", async () => {
    const { url, control, rename, reasons } = await openWithStream();
    const { frames, closed, socket } = await openStream(url);
    control.disconnectConnection(control.listConnections()[0]?.id ?? "", "connection is expired");
    await rename();
    control.advanceClock(9_999);
    expect(socket.readyState).toBe(socket.OPEN);
    control.advanceClock(1);
    await closed;

    expect(topicsOf(frames)).toEqual(["disconnect"]);
    expect(JSON.parse(frames[0]?.data ?? "{}")).toEqual({ reason: "connection is expired" });
    expect(reasons()).toEqual([["no_connection"]]);
  });

  test("a connection may acknowledge an earlier event after the disconnect frame", async () => {
    const { url, control, reasons } = await openWithStream();
    const { frames, socket } = await openStream(url, () => null);
    control.changeDirectory(DEFAULT_CORP_ID, [RENAME]);
    await expect.poll(() => frames.length).toBe(1);
    control.disconnectConnection(control.listConnections()[0]?.id ?? "");
    await expect.poll(() => frames.length).toBe(2);
    const headers = { messageId: frames[0]?.headers.messageId };
    socket.send(JSON.stringify({ code: 200, headers, data: '{"status":"SUCCESS"}' }));
    await control.settleEvents();

    expect(reasons()).toEqual([["success"]]);
  });

  test("a connection gets the disconnect frame at a set age", async () => {
    const { url, control } = await openWithStream();
    control.setStreamOptions(DEFAULT_APP_KEY, { lifetimeMs: 20_000 });
    const { frames } = await openStream(url);
    control.advanceClock(20_000);
    await expect.poll(() => topicsOf(frames)).toEqual(["disconnect"]);

    expect(control.listConnections()).toMatchObject([{ state: "disconnecting" }]);
  });

  test("a muted connection sends nothing and reads no answer", async () => {
    const { url, control, reasons } = await openWithStream();
    const { frames, socket } = await openStream(url);
    control.muteConnection(control.listConnections()[0]?.id ?? "");
    control.changeDirectory(DEFAULT_CORP_ID, [RENAME]);
    control.advanceClock(120_000);
    await control.settleEvents();

    expect(frames).toEqual([]);
    expect(socket.readyState).toBe(socket.OPEN);
    expect(reasons()[0]).toContain("timeout");
  });

  test("connections can be listed, disconnected, muted and killed over HTTP", async () => {
    const { url, controlHttp, control } = await openWithStream();
    const { frames, closed } = await openStream(url, undefined, { ua: "test/1" });
    const listed = await controlHttp("GET", `connections?appKey=${DEFAULT_APP_KEY}`);
    const [connection] = control.listConnections();
    await controlHttp("POST", `connections/${connection?.id}/disconnect`, { reason: "test" });
    await expect.poll(() => topicsOf(frames)).toEqual(["disconnect"]);
    await controlHttp("POST", `connections/${connection?.id}/mute`);
    expect(control.listConnections()).toMatchObject([{ state: "muted" }]);
    await controlHttp("DELETE", `connections/${connection?.id}`);
    await closed;

    expect(listed.body).toMatchObject([{ id: connection?.id, ua: "test/1", state: "open" }]);
    expect((await controlHttp("DELETE", `connections/${connection?.id}`)).status).toBe(409);
    await controlHttp("PATCH", `apps/${DEFAULT_APP_KEY}/stream-options`, { pingEveryMs: 1_000 });
    expect(control.readStreamOptions(DEFAULT_APP_KEY).pingEveryMs).toBe(1_000);
  });

  test("connections are closed with the simulator", async () => {
    const { url, close } = await openWithStream();
    const { closed } = await openStream(url);
    await close();

    expect(await closed).toBe(1006);
  });
});
