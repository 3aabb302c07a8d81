import type { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import { Client } from "undici";

const PROXY_MS_MAX = 10_000;

/** Connects to the host of a WebSocket through an HTTP proxy, with TLS inside of the tunnel for `wss`. */
export async function openTunnel(proxyUrl: string, { protocol, hostname, port }: URL): Promise<Duplex> {
  const { origin, username, password } = new URL(proxyUrl);
  const isSecure = protocol === "wss:";
  const path = `${hostname}:${port || (isSecure ? 443 : 80)}`;
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const authorization = `Basic ${Buffer.from(pair).toString("base64")}`;
  const proxy = new Client(origin, { connectTimeout: PROXY_MS_MAX });
  const headers = { host: path, ...(username !== "" && { "proxy-authorization": authorization }) };
  const signal = AbortSignal.timeout(PROXY_MS_MAX);
  // Ends the client only: the socket of a tunnel is no longer the client's
  const { statusCode, socket } = await proxy
    .connect({ path, headers, signal })
    .finally(() => void proxy.close());
  if (statusCode !== 200) {
    socket.destroy();
    throw Object.assign(new Error("the proxy refused the tunnel"), { code: `PROXY_${statusCode}` });
  }
  return isSecure ? connectTls({ socket, servername: hostname }) : socket;
}
