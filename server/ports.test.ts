import { createServer, type Server } from "node:net";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { choosePort, freePort, nextFreePort, reservePort } from "./ports";

const HOST = "127.0.0.1";

const listen = (port: number): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    onTestFinished(() => void server.close());
    server.once("error", reject);
    server.listen(port, HOST, () => resolve(server));
  });

const chosen = () => [process.env.PORT, process.env.NEXTAUTH_URL];

beforeEach(() => {
  vi.spyOn(console, "log").mockReturnValue();
  vi.stubEnv("PORT", undefined);
  vi.stubEnv("NEXTAUTH_URL", undefined);
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

test("the next free port is the first one after the wanted one that nobody has", async () => {
  const port = await freePort();
  expect(await nextFreePort(port, HOST)).toBe(port);
  await listen(port);
  const next = await nextFreePort(port, HOST);

  expect(next).toBeGreaterThan(port);
  expect(next).toBeLessThanOrEqual(port + 20);
});

test("without a port of the operator's it is 3000 or one soon after, and the address says the same", async () => {
  await choosePort("localhost", HOST);
  const port = Number(process.env.PORT);

  expect(port).toBeGreaterThanOrEqual(3000);
  expect(port).toBeLessThanOrEqual(3020);
  expect(process.env.NEXTAUTH_URL).toBe(`http://localhost:${port}`);
});

test("the operator's port stays, also when another program has it", async () => {
  const port = await freePort();
  await listen(port);
  vi.stubEnv("PORT", String(port));
  await choosePort("localhost", HOST);

  expect(chosen()).toEqual([String(port), `http://localhost:${port}`]);
});

test("an address of the operator's keeps the port that it is reached at", async () => {
  vi.stubEnv("NEXTAUTH_URL", "https://dingkeep.example");
  await choosePort("localhost", HOST);

  expect(chosen()).toEqual(["3000", "https://dingkeep.example"]);
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
