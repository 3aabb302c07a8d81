import { createServer } from "node:net";

const tryPort = (port: number, host: string): Promise<number | null> =>
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
