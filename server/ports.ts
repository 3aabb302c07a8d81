import { createServer, type Server } from "node:net";
import { promisify } from "node:util";
import { ConfigurationError } from "@/lib/env";
import { setDefaults } from "./local-settings";
import { recordAddress } from "./single-instance";

/** The port of `npm start`, `npm run dev` and the demo when PORT is not set. */
const PORT_WANTED = 3000;
/** Number of ports to try after the wanted one. */
const FURTHER_PORTS = 20;

/** Listens on a port. Returns `null` if another program does. */
const listen = (port: number, host: string | undefined): Promise<Server | null> =>
  new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", () => resolve(null));
    server.listen(port, host, () => resolve(server));
  });

async function tryPort(port: number, host: string | undefined): Promise<number | null> {
  const server = await listen(port, host);
  if (!server) return null;
  const { port: bound } = server.address() as { port: number };
  server.close();
  return bound;
}

/** Returns a free port of the loopback address. */
export async function freePort(): Promise<number> {
  const port = await tryPort(0, "127.0.0.1");
  if (port === null) throw new Error("This machine has no free port on loopback.");
  return port;
}

/**
 * Returns the wanted port, or the next free one after it. The result is usually the same at each start, so bookmarks
 * stay valid.
 *
 * @throws {ConfigurationError} when all ports in range are in use
 */
export async function nextFreePort(wanted: number, host?: string): Promise<number> {
  for (let port = wanted; port <= wanted + FURTHER_PORTS; port += 1) {
    if ((await tryPort(port, host)) !== null) return port;
  }
  throw new ConfigurationError(
    `Ports ${wanted} to ${wanted + FURTHER_PORTS} are all in use. Set PORT to a free port.`,
  );
}

/** A port that no other call of `reservePort` on this machine returns before `release`, or the end of this process. */
type ReservedPort = { readonly port: number; readonly release: () => Promise<void> };

/**
 * Reserves a free loopback port for a server that another process starts later: the wanted port, or the next free one
 * in steps of two. A listening socket on the port above acts as the lock, which the system releases when this process
 * ends.
 */
export async function reservePort(wanted: number): Promise<ReservedPort> {
  const host = "127.0.0.1";
  for (let port = wanted; port <= wanted + FURTHER_PORTS; port += 2) {
    const lock = await listen(port + 1, host);
    if (!lock) continue;
    lock.unref();
    const release = () => promisify(lock.close.bind(lock))();
    if ((await tryPort(port, host)) !== null) return { port, release };
    await release();
  }
  throw new Error(`Ports ${wanted} to ${wanted + FURTHER_PORTS} of loopback are all in use.`);
}

/**
 * Sets PORT and NEXTAUTH_URL. If neither is configured, PORT is 3000 or the next free port.
 *
 * @param hostname host name in the address of the pages
 * @param host address that the server will listen on; all addresses when left out
 */
export async function choosePort(hostname: string, host?: string): Promise<void> {
  const isFixed = Boolean(process.env.PORT || process.env.NEXTAUTH_URL);
  const port = isFixed ? process.env.PORT || PORT_WANTED : await nextFreePort(PORT_WANTED, host);
  if (port !== PORT_WANTED && !isFixed)
    console.log(`Port ${PORT_WANTED} is in use by another program. Using ${port} instead.`);
  setDefaults({ PORT: String(port), NEXTAUTH_URL: `http://${hostname}:${port}` });
  recordAddress(process.env.NEXTAUTH_URL ?? "");
}
