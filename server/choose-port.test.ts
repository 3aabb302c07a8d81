import { createServer } from "node:net";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { choosePort } from "./choose-port";
import { freePort, nextFreePort } from "./free-port";

const HOST = "127.0.0.1";

const listen = async (port: number) => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, HOST, resolve));
  onTestFinished(() => void server.close());
};

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
