import { createServer } from "node:net";
import { ConfigurationError } from "@/lib/env";

/** How many ports after the wanted one are tried. */
const FURTHER_PORTS = 20;

const tryPort = (port: number, host: string | undefined): Promise<number | null> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(null));
    server.listen(port, host, () => {
      const { port: bound } = server.address() as { port: number };
      server.close(() => resolve(bound));
    });
  });

/** The wanted port, or a free one when it is taken. */
export async function freePort(wanted = 0, host = "127.0.0.1"): Promise<number> {
  const port = (await tryPort(wanted, host)) ?? (await tryPort(0, host));
  if (port === null) throw new Error("This machine has no free port on loopback.");
  return port;
}

/** The wanted port, or the next one after it that is free: the same at each start, so that bookmarks stay good. */
export async function nextFreePort(wanted: number, host?: string): Promise<number> {
  for (let port = wanted; port <= wanted + FURTHER_PORTS; port += 1) {
    if ((await tryPort(port, host)) !== null) return port;
  }
  throw new ConfigurationError(
    `The ports ${wanted} to ${wanted + FURTHER_PORTS} are all taken; set PORT to a free one.`,
  );
}
