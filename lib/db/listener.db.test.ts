import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { env } from "@/lib/env";
import { pool } from "./connection-pools";
import { Listener, type ListenerOptions } from "./listener";
import type { Announce } from "./prove-delivery";

/** Starts a proxy to the database that can delay all data while both ends see an open connection. */
async function startProxy() {
  const { DATABASE_DIRECT_URL, DATABASE_URL } = env();
  const url = new URL(DATABASE_DIRECT_URL ?? DATABASE_URL);
  const { hostname, port } = url;
  const sockets: Socket[] = [];
  const waiting: (() => void)[] = [];
  let isHeld = false;
  const pass = (from: Socket, to: Socket): void => {
    sockets.push(from);
    from.on("error", () => to.destroy());
    from.on("close", () => to.destroy());
    from.on("data", (bytes) => {
      if (isHeld) waiting.push(() => to.write(bytes));
      else to.write(bytes);
    });
  };
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    pass(near, far);
    pass(far, near);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const hold = () => {
    isHeld = true;
  };
  const release = () => {
    isHeld = false;
    for (const send of waiting.splice(0)) send();
  };
  return { url: url.href, connections: () => sockets.length / 2, hold, release };
}

const CHANNEL = "listener_test";
const announceOn: Announce = (channel, text) =>
  pool().query("SELECT pg_notify($1, $2)::text", [channel, text]);
const announce = (text: string) => announceOn(CHANNEL, text);

/** Returns the address of another database on the same server, which has its own notifications. */
const inOtherDatabase = (url: string) => Object.assign(new URL(url), { pathname: "/postgres" }).href;

async function listenOver(url: string, options: Partial<ListenerOptions> = {}) {
  const listener = new Listener(url, { announce: announceOn, ...options });
  onTestFinished(() => listener.close());
  const received: string[] = [];
  const onListening = vi.fn<() => void>();
  listener.add(CHANNEL, {
    onPayload: (payload) =>
      received.push(`${payload}${listener.isListening(CHANNEL) ? "" : ", not trusted"}`),
    onListening,
  });
  await expect.poll(() => listener.isListening(CHANNEL)).toBe(true);
  return { listener, received, onListening };
}

test("an open but dead connection is not trusted before it is replaced", async () => {
  const proxy = await startProxy();
  const { listener, received, onListening } = await listenOver(proxy.url);
  proxy.hold();
  await announce("revoked");
  // The connection is replaced only after five seconds.
  await expect.poll(() => listener.isListening(CHANNEL)).toBe(false);
  expect(received).toEqual([]);

  proxy.release();
  await expect.poll(() => listener.isListening(CHANNEL)).toBe(true);
  expect(received, "pending notifications arrive before the connection is trusted again").toEqual([
    "revoked, not trusted",
  ]);
  expect(onListening).toHaveBeenCalledOnce();
  expect(proxy.connections()).toBe(1);
});

test("a connection that stays dead is replaced, and subscribers learn of the gap", async () => {
  const proxy = await startProxy();
  const { listener, received, onListening } = await listenOver(proxy.url);
  proxy.hold();
  await announce("missed");
  await expect.poll(proxy.connections).toBe(2);
  proxy.release();
  await expect.poll(() => listener.isListening(CHANNEL)).toBe(true);
  expect(onListening).toHaveBeenCalledTimes(2);
  expect(received).toEqual([]);
});

test("a connection is trusted for less than 1 s after the last query that it answered", async () => {
  const proxy = await startProxy();
  let nowMs = 0;
  const { listener } = await listenOver(proxy.url, { now: () => nowMs });
  proxy.hold();

  nowMs = 999;
  expect(listener.isListening(CHANNEL)).toBe(true);
  nowMs = 1_000;
  expect(listener.isListening(CHANNEL)).toBe(false);
});

/** Records the pauses between attempts to listen. A test ends each of them. */
function stubPauses() {
  const pauses: { readonly ms: number; readonly end: () => void }[] = [];
  const pause = (ms: number) => new Promise<void>((end) => pauses.push({ ms, end }));
  return { pauses, pause };
}

test("a connection that stops delivering is replaced at its next proof, 5 s after the last", async () => {
  const proxy = await startProxy();
  const { pauses, pause } = stubPauses();
  let isLost = false;
  const toNobody: Announce = (channel, text) => (isLost ? Promise.resolve() : announceOn(channel, text));
  const { listener, onListening } = await listenOver(proxy.url, { announce: toNobody, pause });
  await expect.poll(() => pauses.length).toBe(1);
  const [first] = pauses.splice(0);
  expect(first?.ms).toBe(5_000);
  first?.end();
  await expect.poll(() => pauses.length).toBe(1);
  expect(listener.isListening(CHANNEL), "the proof succeeded").toBe(true);

  isLost = true;
  pauses.splice(0)[0]?.end();
  await expect.poll(() => listener.isListening(CHANNEL)).toBe(false);
  isLost = false;
  await expect.poll(() => pauses.length).toBeGreaterThan(0);
  for (const { end } of pauses.splice(0)) end();
  await expect.poll(() => listener.isListening(CHANNEL)).toBe(true);
  expect(onListening).toHaveBeenCalledTimes(2);
});

test.each([
  ["an address of another database", (url: string) => inOtherDatabase(url), CHANNEL],
  ["a LISTEN that fails", (url: string) => url, ""],
])("%s never counts as listening, and the pauses between attempts grow", async (_, change, channel) => {
  const proxy = await startProxy();
  const { pauses, pause } = stubPauses();
  const listener = new Listener(change(proxy.url), { announce: announceOn, pause });
  onTestFinished(() => listener.close());
  const onListening = vi.fn<() => void>();
  listener.add(channel, { onPayload: () => {}, onListening });

  for (const [least, most] of [
    [125, 250],
    [250, 500],
    [500, 1_000],
  ] as const) {
    await expect.poll(() => pauses.length).toBe(1);
    const [{ ms, end }] = pauses.splice(0) as [{ ms: number; end: () => void }];
    expect(ms).toBeGreaterThanOrEqual(least);
    expect(ms).toBeLessThanOrEqual(most);
    expect(listener.isListening(channel)).toBe(false);
    end();
  }
  expect(onListening).not.toHaveBeenCalled();
  expect(proxy.connections()).toBeLessThanOrEqual(4);
});

test("concurrent queries over the listening connection cause no warning of pg", async () => {
  const proxy = await startProxy();
  const { listener } = await listenOver(proxy.url);
  const warnings: Error[] = [];
  const record = (warning: Error) => void warnings.push(warning);
  process.on("warning", record);
  onTestFinished(() => void process.off("warning", record));
  const answers = await Promise.all([1, 2, 3, 4].map((n) => listener.query("SELECT $1::int AS n", [n])));
  await new Promise(setImmediate);
  expect(answers).toEqual([[{ n: 1 }], [{ n: 2 }], [{ n: 3 }], [{ n: 4 }]]);
  expect(warnings).toEqual([]);
});
