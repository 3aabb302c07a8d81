import { createServer, type Server } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { freePort, reservePort } from "./free-port";

const HOST = "127.0.0.1";

const listen = (port: number): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    onTestFinished(() => void server.close());
    server.once("error", reject);
    server.listen(port, HOST, () => resolve(server));
  });

/** Reserves as one test run does. */
async function reserve(wanted: number) {
  const reserved = await reservePort(wanted);
  onTestFinished(reserved.release);
  return reserved;
}

test("test runs that start at the same moment get different ports, on which their servers can listen", async () => {
  const wanted = await freePort();
  const reserved = await Promise.all([reserve(wanted), reserve(wanted), reserve(wanted)]);
  const ports = reserved.map(({ port }) => port);

  expect(new Set(ports).size).toBe(3);
  await Promise.all(ports.map(listen));
});

test("a port stays reserved while its server isn't listening yet, and is free again after the run", async () => {
  const wanted = await freePort();
  const first = await reservePort(wanted);
  expect((await reserve(wanted)).port).not.toBe(first.port);

  await first.release();
  expect((await reserve(wanted)).port).toBe(first.port);
});

test("a port on which another program listens is not reserved", async () => {
  const wanted = await freePort();
  await listen(wanted);
  expect((await reserve(wanted)).port).not.toBe(wanted);
});
