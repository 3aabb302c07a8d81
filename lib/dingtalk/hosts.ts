import "server-only";
import { Agent, type Dispatcher, ProxyAgent } from "undici";

const KEEP_ALIVE_MS = 30_000;
const CONNECT_TIMEOUT_MS = 10_000;
const CONNECTIONS_PER_HOST_MAX = 50;

export type DispatcherOptions = {
  /** Forward proxy, `http://` or `https://`, with user and password if it wants them. */
  readonly proxyUrl?: string;
  /** To one host. Default 50. */
  readonly connections?: number;
};

/**
 * The connections to DingTalk: kept open and used again, through the proxy if there is one.
 *
 * Through a proxy, `https` is tunnelled with CONNECT, so the proxy sees neither path nor token; plain `http`
 * (a simulator's) is sent to it in absolute form. HTTP/2 is off: it is one connection for all calls, and one
 * lost connection would fail them together.
 *
 * Make one for a process, and close it (`dispatcher.close()`) when the process ends.
 *
 * @throws {TypeError} when `proxyUrl` is no address of a proxy; the text does not quote it, for it may hold a password
 */
export function createDispatcher({
  proxyUrl,
  connections = CONNECTIONS_PER_HOST_MAX,
}: DispatcherOptions = {}): Dispatcher {
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
