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

test("the next free port is the first one after the wanted port that no program uses", async () => {
  const port = await freePort();
  expect(await nextFreePort(port, HOST)).toBe(port);
  await listen(port);
  const next = await nextFreePort(port, HOST);

  expect(next).toBeGreaterThan(port);
  expect(next).toBeLessThanOrEqual(port + 20);
});

test("without a configured port, uses 3000 or a port soon after, also in the address", async () => {
  await choosePort("localhost", HOST);
  const port = Number(process.env.PORT);

  expect(port).toBeGreaterThanOrEqual(3000);
  expect(port).toBeLessThanOrEqual(3020);
  expect(process.env.NEXTAUTH_URL).toBe(`http://localhost:${port}`);
});

test("keeps a configured port even if another program uses it", async () => {
  const port = await freePort();
  await listen(port);
  vi.stubEnv("PORT", String(port));
  await choosePort("localhost", HOST);

  expect(chosen()).toEqual([String(port), `http://localhost:${port}`]);
});

test("keeps a configured address and sets the default port", async () => {
  vi.stubEnv("NEXTAUTH_URL", "https://dingkeep.example");
  await choosePort("localhost", HOST);

  expect(chosen()).toEqual(["3000", "https://dingkeep.example"]);
});

/** Reserves a port as a test run does. */
async function reserve(wanted: number) {
  const reserved = await reservePort(wanted);
  onTestFinished(reserved.release);
  return reserved;
}

test("test runs that start at the same moment reserve different ports, on which their servers can listen", async () => {
  const wanted = await freePort();
  const reserved = await Promise.all([reserve(wanted), reserve(wanted), reserve(wanted)]);
  const ports = reserved.map(({ port }) => port);

  expect(new Set(ports).size).toBe(3);
  await Promise.all(ports.map(listen));
});

test("keeps a port reserved before its server listens, and frees it after the run", async () => {
  const wanted = await freePort();
  const first = await reservePort(wanted);
  expect((await reserve(wanted)).port).not.toBe(first.port);

  await first.release();
  expect((await reserve(wanted)).port).toBe(first.port);
});

test("does not reserve a port that another program uses", async () => {
  const wanted = await freePort();
  await listen(wanted);
  expect((await reserve(wanted)).port).not.toBe(wanted);
});
