import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import next from "next";
import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";
import { isDatabaseThere } from "@/lib/health/queries";
import { contentSecurityPolicy, FOREIGN_POLICY, fixedHeaders } from "@/lib/http/security-headers";
import { log } from "@/lib/log";
import { isLogDue } from "@/lib/log-once";
import { clientAddress, isWithin, type Network, parseNetworks } from "@/lib/request/client-address";
import {
  ADDRESS_HEADER,
  addressForNext,
  isDecodable,
  isGatewayAddress,
  isPlainAddress,
  NONCE_HEADER,
  nameAfterNext,
  PASS_HEADER,
  PATH_HEADER,
  READ_HEADERS,
} from "@/lib/request/headers";
import { isOwnOrigin } from "@/lib/request/origin";
import { toOwnAddress } from "@/lib/request/own-host";
import { Connections } from "./connections";
import { type FloodClient, FloodGate } from "./flood-gate";
import { handleForm, isForm } from "./handle-form";
import { answerLean } from "./lean-routes";
import { enterGate, isLimited, LoadGates } from "./limit-load";
import { refuseMethod } from "./method-not-allowed";
import { answerProbe } from "./probes";
import { isMachine, refuse, wantsPage } from "./refuse";
import { discardUnreadBody } from "./unread-body";

/** Slow headers or bodies end after this (S30). */
const RECEIVE_MS_MAX = 15_000;
/** Node looks for slow requests every 30 s by itself, which would make them 45. */
const CHECK_EVERY_MS = 1_000;
/** Connections that may wait to be accepted. Beyond Node's 511, one client's burst would cost every other client a second. */
const BACKLOG = 4_096;
const NONCE_BYTES = 16;
/** By this a request that Next makes, with the headers of the one that it answers, is known. */
const PASS = randomBytes(16).toString("base64url");
const FORWARDING_HEADER =
  /^(?:x-forwarded-.*|forwarded|x-real-ip|x-client-ip|cf-connecting-ip|true-client-ip|x-dingkeep-.*)$/;
/** What everybody gets alike; anything else may depend on who asks, and is kept by nobody (S19). */
const ALIKE = /^\/(?:_next\/static\/|icon\.svg$)/;
/** By these Next's pages ask for parts of themselves. */
const PAGE_HEADERS = ["next-action", "rsc", "next-router-state-tree", "next-router-prefetch"];
/** Next reads the nonce of its own scripts from this request header. */
const CSP_HEADER = "content-security-policy";

export type RunningServer = {
  readonly port: number;
  /** Takes no new work, lets running calls end, and resolves when the last connection is closed. */
  close(): Promise<void>;
};

/** What our own `Vary` names and what a handler's does, each once. */
const varyOf = (value: unknown): string =>
  [...new Set(`${READ_HEADERS.vary},${String(value)}`.toLowerCase().split(/\s*,\s*/))].join(", ");

/**
 * What an answer that may depend on who asks says to every cache. Next sets `Vary` anew for its pages, so ours is put
 * back; and what it would hold back of the gateway's answers gets its name again.
 */
function keepByNobody(response: ServerResponse): void {
  const set = response.setHeader.bind(response);
  response.setHeader = (name, value) => {
    const isVary = name.toLowerCase() === "vary";
    return set(nameAfterNext(name), isVary ? varyOf(value) : value);
  };
  for (const [name, value] of Object.entries(READ_HEADERS)) set(name, value);
}

let parsed: { readonly list: readonly string[]; readonly networks: Network[] } | null = null;

function trustedNetworks(): Network[] {
  const { TRUSTED_PROXIES: list } = env();
  if (parsed?.list !== list) parsed = { list, networks: parseNetworks(list) };
  return parsed.networks;
}

const isProxy = (address = "unknown"): boolean => isWithin(address, trustedNetworks());

/**
 * Whether a request names no path, for Next would follow whatever host it names, or fail; or text that can't be stored,
 * which machines' routes refuse in their own forms. Also TRACE, which has no place in a `Request`.
 */
function isNoAddress(request: IncomingMessage): boolean {
  const { url = "", method } = request;
  if (!url.startsWith("/") || method === "TRACE") return true;
  return !isDecodable(addressForNext(url)) || !(isMachine(request) || isPlainAddress(url));
}

/**
 * Sets where a request came from (S3).
 *
 * @returns whether Next itself made it, which keeps the address of the client that it answers
 */
function setAddress(request: IncomingMessage): boolean {
  const { headers, socket } = request;
  const isOfNext = headers[PASS_HEADER] === PASS;
  const forwardedFor = headers["x-forwarded-for"];
  const address = isOfNext
    ? headers[ADDRESS_HEADER]
    : clientAddress(
        socket.remoteAddress ?? "unknown",
        Array.isArray(forwardedFor) ? forwardedFor.join(",") : forwardedFor,
        trustedNetworks(),
      );
  if (!isOfNext && forwardedFor !== undefined && !isProxy(socket.remoteAddress) && isLogDue("unnamed proxy"))
    log.warn(
      "X-Forwarded-For comes from an address that TRUSTED_PROXIES doesn't name: limits count its clients as one",
    );
  for (const name of Object.keys(headers)) if (FORWARDING_HEADER.test(name)) delete headers[name];
  Object.assign(headers, { [ADDRESS_HEADER]: address, [PASS_HEADER]: PASS });
  return isOfNext;
}

/** What stands in front of Next for every request: S4, S19, S34. */
function prepare(request: IncomingMessage, response: ServerResponse, isDevelopment: boolean): boolean {
  const { NEXTAUTH_URL } = env();
  const nonce = randomBytes(NONCE_BYTES).toString("base64");
  const policy = contentSecurityPolicy(nonce, isDevelopment);
  const path = request.url ?? "/";
  Object.assign(request.headers, {
    [NONCE_HEADER]: nonce,
    [PATH_HEADER]: path,
    [CSP_HEADER]: policy,
  });
  response.setHeader(CSP_HEADER, isGatewayAddress(path) ? FOREIGN_POLICY : policy);
  for (const [name, value] of Object.entries(fixedHeaders(NEXTAUTH_URL.startsWith("https:")))) {
    response.setHeader(name, value);
  }
  const pathOnly = path.split("?", 1)[0] ?? "/";
  if (!ALIKE.test(pathOnly)) keepByNobody(response);
  // No page of ours stands on a machine's path: Next passes an action that it doesn't find there on to another, and
  // leads what looks like its own pages' requests elsewhere.
  if (isMachine(request)) for (const name of PAGE_HEADERS) delete request.headers[name];
  if (isNoAddress(request)) {
    response.writeHead(400, { "content-type": "text/plain; charset=utf-8" }).end("Not an address of ours.\n");
    return false;
  }
  if (isOwnOrigin(request.method ?? "GET", pathOnly, request.headers.origin, NEXTAUTH_URL)) return true;
  response
    .writeHead(403, { "content-type": "text/plain; charset=utf-8" })
    .end("This request didn't come from our own pages.\n");
  return false;
}

const clientOf = (request: IncomingMessage): FloodClient => ({
  address: String(request.headers[ADDRESS_HEADER]),
  isProxied: isProxy(request.socket.remoteAddress),
});

/** Where a page is that was asked for under another name than our own; `null` for everything else. */
const elsewhere = (request: IncomingMessage) =>
  wantsPage(request)
    ? toOwnAddress(
        { host: request.headers.host, url: request.url ?? "/", cookie: request.headers.cookie },
        env().NEXTAUTH_URL,
      )
    : null;

/** What shows something that the database has, to a person or to a program that pretends to be one. */
const isShown = (request: IncomingMessage): boolean =>
  (request.method === "GET" || request.method === "HEAD") && isLimited(request);

/** Tells a client that its request found no place. */
function refuseLoad(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  if (!(error instanceof AppError)) throw error;
  const { code, retryAfterSeconds = 1 } = error;
  const isShare = code === "rate_limited";
  refuse(request, response, { code: isShare ? code : "unavailable", retryAfterSeconds, trouble: "busy" });
}

function listen(server: Server, port: number, host: string | undefined): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host, backlog: BACKLOG }, () => {
      server.off("error", reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

type ServerOptions = {
  readonly isDevelopment?: boolean;
  /** Address to listen on; every one of this machine when left out. */
  readonly host?: string;
};

/**
 * Starts the one server: ours in front, Next's handler behind it.
 *
 * @throws {Error} `EADDRINUSE` when the port is taken
 */
export async function startServer({
  isDevelopment = false,
  host,
}: ServerOptions = {}): Promise<RunningServer> {
  // Next's own SIGTERM handler exits in the middle of a job; ours lets it end.
  process.env.NEXT_MANUAL_SIG_HANDLE = "true";
  // After an action that redirects, Next asks itself for the next page, at this address.
  const app = next({
    dev: isDevelopment,
    dir: process.cwd(),
    hostname: host ?? "127.0.0.1",
    port: env().PORT,
  });
  await app.prepare();
  const handle = app.getRequestHandler();
  const gates = new LoadGates();
  const floodGate = new FloodGate();
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const isOfNext = setAddress(request);
    if (!(isOfNext || (await floodGate.admit(request, response, clientOf(request))))) return;
    if (await answerProbe(request, response)) return;
    // The request that Next answers has a place already; waiting for another could be for ever.
    if (!isOfNext) {
      try {
        await enterGate(gates, request, response);
      } catch (error) {
        return refuseLoad(request, response, error);
      }
    }
    if (!prepare(request, response, isDevelopment)) return;
    const ownAddress = elsewhere(request);
    if (ownAddress) {
      response.writeHead(307, ownAddress).end();
      return;
    }
    if (isShown(request) && !(await isDatabaseThere()))
      refuse(request, response, { code: "unavailable", retryAfterSeconds: 10, trouble: "down" });
    else if (
      isDevelopment ||
      !((await answerLean(request, response)) || (await refuseMethod(request, response)))
    ) {
      request.url = addressForNext(request.url ?? "/");
      // Next refuses an action whose `Host` isn't that of its `Origin`, which was compared with our own address (S4).
      request.headers.host = new URL(env().NEXTAUTH_URL).host;
      await connections.settled();
      const next = () => handle(request, response);
      await (isForm(request) && !isMachine(request) ? handleForm(response, next) : next());
    }
  };
  const server = createServer(
    {
      requestTimeout: RECEIVE_MS_MAX,
      headersTimeout: RECEIVE_MS_MAX,
      connectionsCheckingInterval: CHECK_EVERY_MS,
      // Next listens for upgrades and answers none but those of development: whoever offers one (Java's client does)
      // would wait for ever. What isn't taken up is answered as if it weren't there.
      shouldUpgradeCallback: () => isDevelopment,
    },
    (request, response) => {
      discardUnreadBody(request, response);
      // Node's parser drops a request that follows an upgrade in the same packet. On an open connection, the client would
      // take the next answer for the dropped request's.
      if (request.headers.upgrade !== undefined) response.shouldKeepAlive = false;
      answer(request, response).catch((error: unknown) => {
        log.error("request failed", { error });
        response.destroy();
      });
    },
  );
  const connections = new Connections(server, isProxy);
  const port = await listen(server, env().PORT, host);
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}
