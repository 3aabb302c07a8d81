import { type ChildProcess, spawn } from "node:child_process";
import { type DemoProxy, startDemoProxy } from "./demo-proxy";
import { freePort } from "./free-port";

const HOST = "127.0.0.1";

type DemoServer = { readonly number: number; readonly port: number; child: ChildProcess | null };

export type DemoServers = { readonly processes: readonly number[]; stop(): Promise<void> };

const ended = (child: ChildProcess) => new Promise<void>((resolve) => child.once("exit", () => resolve()));

/** Starts one and waits until it serves. @throws {Error} when it ends before */
async function startChild(port: number): Promise<ChildProcess> {
  const child = spawn(process.execPath, ["scripts/run.mjs", "demo-server"], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    // Ctrl-C is for the demo itself, which ends its servers one step before their database.
    detached: true,
    env: {
      ...process.env,
      PORT: String(port),
      TRUSTED_PROXIES: HOST,
      // The demo has migrated.
      MIGRATION_DATABASE_URL: "",
    },
  });
  await new Promise<void>((resolve, reject) => {
    child.once("message", () => resolve());
    child.once("error", reject);
    child.once("exit", (code, signal) => reject(new Error(`A server ended with ${signal ?? code}.`)));
  });
  return child;
}

/**
 * Several servers with their workers behind one address, on one database. One that dies is started anew, and the
 * others go on meanwhile.
 *
 * @param say is told what a person would like to know of that
 */
export async function startDemoServers(
  count: number,
  port: number,
  say: (sentence: string) => void,
): Promise<DemoServers> {
  const servers: DemoServer[] = [];
  for (let number = 1; number <= count; number += 1)
    servers.push({ number, port: await freePort(), child: null });
  let isStopping = false;

  async function keep(server: DemoServer): Promise<void> {
    const child = await startChild(server.port);
    server.child = child;
    child.once("exit", (code, signal) => {
      server.child = null;
      if (isStopping) return;
      say(`Server ${server.number} ended (${signal ?? code}); the others go on. Starting it anew …`);
      keep(server).then(
        () => say(`Server ${server.number} is back: process ${server.child?.pid}.`),
        () => say(`Server ${server.number} doesn't start; the others go on without it.`),
      );
    });
  }

  const there = () => servers.filter(({ child }) => child !== null);
  const stopServers = async () => {
    isStopping = true;
    await Promise.all(
      there().map(async ({ child }) => {
        if (!child) return;
        const gone = ended(child);
        child.disconnect();
        await gone;
      }),
    );
  };
  let proxy: DemoProxy;
  try {
    await Promise.all(servers.map(keep));
    proxy = await startDemoProxy({ host: HOST, port, targets: () => there().map((server) => server.port) });
  } catch (error) {
    await stopServers();
    throw error;
  }
  return {
    processes: there().flatMap(({ child }) => child?.pid ?? []),
    stop: async () => {
      // Open streams end with the servers, so the two end together.
      await Promise.all([proxy.close(), stopServers()]);
    },
  };
}
