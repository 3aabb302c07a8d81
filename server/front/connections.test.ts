import { EventEmitter } from "node:events";
import type { Server } from "node:http";
import { setImmediate as turnEnd } from "node:timers/promises";
import { beforeEach, describe, expect, test } from "vitest";
import { Connections } from "./connections";

const clock = { nowMs: 0 };
let listening: EventEmitter;
let connections: Connections;

beforeEach(() => {
  clock.nowMs = 0;
  listening = new EventEmitter();
  const isProxy = (address: string) => address === "192.0.2.9";
  connections = new Connections(listening as Server, isProxy, () => clock.nowMs);
});

function open(remoteAddress: string) {
  const socket = Object.assign(new EventEmitter(), { remoteAddress, isClosed: false, destroy: () => {} });
  socket.destroy = () => {
    socket.isClosed = true;
    socket.emit("close");
  };
  listening.emit("connection", socket);
  return socket;
}

test("allows 2,000 connections per address, and any number from a trusted proxy", () => {
  const [first] = Array.from({ length: 2_000 }, () => open("192.0.2.1"));
  expect(first?.isClosed).toBe(false);
  expect(open("192.0.2.1").isClosed).toBe(true);
  expect(open("192.0.2.2").isClosed).toBe(false);
  first?.emit("close");
  expect(open("192.0.2.1").isClosed).toBe(false);
  expect(Array.from({ length: 2_001 }, () => open("192.0.2.9")).some(({ isClosed }) => isClosed)).toBe(false);
});

describe("waiting of long work for pending connections", () => {
  /** Opens one connection per turn of the event loop, as Node accepts them. */
  async function openMany(count: number): Promise<void> {
    for (let opened = 0; opened < count; opened += 1) {
      open("192.0.2.1");
      await turnEnd();
    }
  }

  test("long work does not wait when no connections are pending", async () => {
    let isBegun = false;
    void connections.settled().then(() => (isBegun = true));
    await Promise.resolve();
    await Promise.resolve();
    expect(isBegun).toBe(true);
  });

  test("long work waits until the last of many pending connections is accepted", async () => {
    let isBegun = false;
    open("192.0.2.1");
    void connections.settled().then(() => (isBegun = true));
    await openMany(100);
    expect(isBegun).toBe(false);
    await expect.poll(() => isBegun).toBe(true);
  });

  test("long work stops waiting after 250 ms even if connections keep coming", async () => {
    let isBegun = false;
    open("192.0.2.1");
    void connections.settled().then(() => (isBegun = true));
    await openMany(10);
    clock.nowMs = 249;
    await openMany(10);
    expect(isBegun).toBe(false);
    clock.nowMs = 250;
    await openMany(10);
    expect(isBegun).toBe(true);
  });
});
