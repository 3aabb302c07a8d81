import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "@/server/ports";
import { type DemoProxy, startDemoProxy } from "./proxy";

const HOST = "127.0.0.1";
const PAUSE_MS_MIN = 500;
const PAUSE_MS_MAX = 10_000;
/** After serving this long, pauses between restarts start over at zero. */
const STEADY_MS = 30_000;
/** Gives up a server that has never served after this many starts, because something is wrong with all of them. */
const FIRST_STARTS_MAX = 5;

type DemoServer = {
  readonly number: number;
  readonly port: number;
  child: ChildProcess | null;
  isServing: boolean;
};

export type DemoServers = { readonly processes: readonly number[]; stop(): Promise<void> };

const ended = (child: ChildProcess) => new Promise<void>((resolve) => child.once("exit", () => resolve()));

/** Starts a server process, which sends a message once it serves. */
const spawnServer = (port: number): ChildProcess =>
  spawn(process.execPath, ["scripts/run.mjs", "demo-server"], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    // Ctrl-C must reach only the demo itself, which stops its servers before their database.
    detached: true,
    env: {
      ...process.env,
      PORT: String(port),
      TRUSTED_PROXIES: HOST,
      // The demo itself has migrated.
      MIGRATION_DATABASE_URL: "",
    },
  });

type Options = {
  readonly count: number;
  readonly port: number;
  /** Prints ends and restarts of servers. */
  readonly say: (sentence: string) => void;
  /** Starts a server; replaced in tests. */
  readonly start?: (port: number) => ChildProcess;
};

/**
 * Starts several servers with their workers behind one address, on one database. Restarts a server that ends, even
 * during its start, with growing pauses. The others continue meanwhile.
 *
 * @throws {Error} when a server cannot be started at the beginning
 */
export async function startDemoServers({
  count,
  port,
  say,
  start = spawnServer,
}: Options): Promise<DemoServers> {
  const servers: DemoServer[] = [];
  for (let number = 1; number <= count; number += 1)
    servers.push({ number, port: await freePort(), child: null, isServing: false });
  const ending = new AbortController();
  const isStopping = () => ending.signal.aborted;

  /**
   * Runs a server until it ends.
   *
   * @returns how it ended, and how long it served
   */
  async function runServer(
    server: DemoServer,
    onServing: () => void,
  ): Promise<{ how: string; servedMs: number }> {
    const child = start(server.port);
    server.child = child;
    let servesSince = Number.POSITIVE_INFINITY;
    child.once("message", () => {
      servesSince = performance.now();
      server.isServing = true;
      onServing();
    });
    const how = await new Promise<string>((resolve) => {
      child.once("exit", (code, signal) => resolve(String(signal ?? code)));
      child.once("error", (error) => resolve(error.message));
    });
    Object.assign(server, { child: null, isServing: false });
    return { how, servedMs: Math.max(performance.now() - servesSince, 0) };
  }

  /** Keeps a server running until the demo stops. Resolves once it serves for the first time. */
  function keep(server: DemoServer): Promise<void> {
    return new Promise((resolve, reject) => {
      let hasServed = false;
      const onServing = () => {
        if (hasServed) say(`Server ${server.number} is back: process ${server.child?.pid}.`);
        hasServed = true;
        resolve();
      };
      const run = async () => {
        let pauseMs = 0;
        for (let failed = 0; !isStopping(); ) {
          const { how, servedMs } = await runServer(server, onServing);
          if (isStopping()) break;
          failed = servedMs > STEADY_MS ? 0 : failed + 1;
          if (!hasServed && failed >= FIRST_STARTS_MAX) throw new Error(`A server ended with ${how}.`);
          pauseMs = failed <= 1 ? 0 : Math.min(Math.max(pauseMs * 2, PAUSE_MS_MIN), PAUSE_MS_MAX);
          say(`Server ${server.number} ended (${how}). The others continue. Restarting it …`);
          await delay(pauseMs, undefined, { signal: ending.signal }).catch(() => {});
        }
      };
      run().catch(reject);
    });
  }

  const serving = () => servers.filter(({ isServing }) => isServing);
  const stopServers = async () => {
    ending.abort();
    await Promise.all(
      servers.map(async ({ child }) => {
        if (!child) return;
        const gone = ended(child);
        if (child.connected) child.disconnect();
        await gone;
      }),
    );
  };
  let proxy: DemoProxy;
  try {
    await Promise.all(servers.map(keep));
    proxy = await startDemoProxy({ host: HOST, port, targets: () => serving().map((server) => server.port) });
  } catch (error) {
    await stopServers();
    throw error;
  }
  return {
    processes: servers.flatMap(({ child }) => child?.pid ?? []),
    stop: async () => {
      // Open streams end only with the servers, so both stop at the same time.
      await Promise.all([proxy.close(), stopServers()]);
    },
  };
}
