import "server-only";
import { Agent, type Dispatcher, ProxyAgent } from "undici";

const KEEP_ALIVE_MS = 30_000;
const CONNECT_TIMEOUT_MS = 10_000;

export type DispatcherOptions = {
  readonly proxyUrl?: string;
  /** Connections per host. */
  readonly connections: number;
};

/**
 * Creates the pool of keep-alive connections to DingTalk, through the proxy if one is given.
 *
 * `https` is tunneled with CONNECT, so a proxy sees neither path nor token; plain `http` (the simulator) is sent to
 * the proxy in absolute form. HTTP/2 is off, because all calls would share one connection and fail with it.
 *
 * @throws {TypeError} when `proxyUrl` is not an http or https URL; the message omits it, since it may contain a password
 */
export function createDispatcher({ proxyUrl, connections }: DispatcherOptions): Dispatcher {
  const options = {
    allowH2: false,
    connections,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
  };
  if (proxyUrl === undefined) return new Agent({ ...options, connect: { timeout: CONNECT_TIMEOUT_MS } });

  const url = URL.parse(proxyUrl);
  if (url?.protocol !== "http:" && url?.protocol !== "https:") {
    throw new TypeError("the proxy's address is not an http or https URL");
  }
  return new ProxyAgent({ ...options, uri: url.href, connectTimeout: CONNECT_TIMEOUT_MS });
}
