import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { log } from "@/lib/log";
import { supervise } from "./supervisor";

const warn = vi.fn<typeof log.warn>();
const error = vi.fn<typeof log.error>();

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  for (const said of [warn, error]) said.mockReset();
  vi.spyOn(log, "warn").mockImplementation(warn);
  vi.spyOn(log, "error").mockImplementation(error);
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Makes a server whose next starts fail. */
function makeServer() {
  const server = { isAlive: true, failing: 0, starts: 0 };
  const supervisor = supervise({
    isAlive: () => server.isAlive,
    restart: async () => {
      server.starts += 1;
      server.failing -= 1;
      if (server.failing >= 0) throw new Error("no disk");
      server.isAlive = true;
    },
  });
  onTestFinished(() => supervisor.stop());
  return { server, supervisor };
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

test("restarts a server within a second, and logs it in one line", async () => {
  const { server } = makeServer();
  await pass(5_000);
  expect(server.starts).toBe(0);
  server.isAlive = false;
  await pass(1_000);

  expect(server).toMatchObject({ isAlive: true, starts: 1 });
  expect(warn.mock.calls).toEqual([
    ["PostgreSQL ended and was restarted", { attempt: 1, afterMs: expect.any(Number) }],
  ]);
  await pass(60_000);
  expect(server.starts).toBe(1);
});

test("retries a failed restart with growing pauses of at most 8 s", async () => {
  const { server } = makeServer();
  Object.assign(server, { isAlive: false, failing: 6 });
  await pass(60_000);

  expect(server).toMatchObject({ isAlive: true, starts: 7 });
  expect(error.mock.calls.map(([, fields]) => fields?.nextTryMs)).toEqual([
    500, 1_000, 2_000, 4_000, 8_000, 8_000,
  ]);
});

test("restarts a server that keeps ending at growing intervals", async () => {
  const { server } = makeServer();
  for (let second = 0; second < 60; second += 1) {
    server.isAlive = false;
    await pass(1_000);
  }

  expect(server.starts).toBeGreaterThan(4);
  expect(server.starts).toBeLessThan(20);
});

test("restarts no server after supervision has ended", async () => {
  const { server, supervisor } = makeServer();
  const stopped = supervisor.stop();
  server.isAlive = false;
  await pass(60_000);
  await stopped;

  expect(server.starts).toBe(0);
});
