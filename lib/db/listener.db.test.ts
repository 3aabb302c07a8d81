import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { env } from "@/lib/env";
import { pool } from "./clients";
import { Listener } from "./listener";

/** A way to the database that can hold back what is sent over it, while both ends take it for open. */
async function startWay() {
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
const announce = (text: string) => pool().query("SELECT pg_notify($1, $2)::text", [CHANNEL, text]);

async function listenOver(url: string) {
  const listener = new Listener(url);
  onTestFinished(() => listener.close());
  const heard: string[] = [];
  const onListening = vi.fn<() => void>();
  listener.add(CHANNEL, {
    onPayload: (payload) => heard.push(`${payload}${listener.isListening(CHANNEL) ? "" : ", unsure"}`),
    onListening,
  });
  await expect.poll(() => listener.isListening(CHANNEL)).toBe(true);
  return { listener, heard, onListening };
}

test("a connection that is open and dead is not relied on, long before it is given up", async () => {
  const way = await startWay();
  const { listener, heard, onListening } = await listenOver(way.url);
  way.hold();
  await announce("revoked");
  // Given up after five seconds, and not before: this is the same connection.
  await expect.poll(() => listener.isListening(CHANNEL)).toBe(false);
  expect(heard).toEqual([]);

  way.release();
  await expect.poll(() => listener.isListening(CHANNEL)).toBe(true);
  expect(heard, "what was announced comes before it is relied on again").toEqual(["revoked, unsure"]);
  expect(onListening).toHaveBeenCalledOnce();
  expect(way.connections()).toBe(1);
});

test("one that stays dead is given up for a new one, and everybody is told of the gap", async () => {
  const way = await startWay();
  const { listener, heard, onListening } = await listenOver(way.url);
  way.hold();
  await announce("missed");
  await expect.poll(way.connections).toBe(2);
  way.release();
  await expect.poll(() => listener.isListening(CHANNEL)).toBe(true);
  expect(onListening).toHaveBeenCalledTimes(2);
  expect(heard).toEqual([]);
});
