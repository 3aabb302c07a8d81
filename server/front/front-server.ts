import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import next from "next";
import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import { addressForNext } from "@/lib/request/headers";
import { toOwnAddress } from "@/lib/request/own-host";
import { Connections } from "./connections";
import { refuseWithoutDatabase } from "./database-away";
import { FloodGate } from "./flood-gate";
import { answerLean } from "./lean-routes";
import { enterGate, LoadGates } from "./limit-load";
import { refuseMethod } from "./method-not-allowed";
import { prepareRequest } from "./prepare-request";
import { answerProbe } from "./probes";
import { isMachine, refuse, wantsPage } from "./refuse";
import { discardUnreadBody, handleForm, isForm } from "./request-body";
import { clientOf, isProxy, setAddress } from "./trusted-proxies";

/** Slow headers or bodies end after this (S30). */
const RECEIVE_MS_MAX = 15_000;
/** Node looks for slow requests every 30 s by itself, which would make them 45. */
const CHECK_EVERY_MS = 1_000;
/** Connections that may wait to be accepted. Beyond Node's 511, one client's burst would cost every other client a second. */
const BACKLOG = 4_096;
export type RunningServer = {
  readonly port: number;
  /** Takes no new work, lets running calls end, and resolves when the last connection is closed. */
  close(): Promise<void>;
};

/** Where a page is that was asked for under another name than our own; `null` for everything else. */
const elsewhere = (request: IncomingMessage) =>
  wantsPage(request)
    ? toOwnAddress(
        { host: request.headers.host, url: request.url ?? "/", cookie: request.headers.cookie },
        env().NEXTAUTH_URL,
      )
    : null;

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
    if (!prepareRequest(request, response, isDevelopment)) return;
    const ownAddress = elsewhere(request);
    if (ownAddress) {
      response.writeHead(307, ownAddress).end();
      return;
    }
    if (await refuseWithoutDatabase(request, response)) return;
    if (!isDevelopment && ((await answerLean(request, response)) || (await refuseMethod(request, response))))
      return;
    request.url = addressForNext(request.url ?? "/");
    // Next refuses an action whose `Host` isn't that of its `Origin`, which was compared with our own address (S4).
    request.headers.host = new URL(env().NEXTAUTH_URL).host;
    await connections.settled();
    const next = () => handle(request, response);
    await (isForm(request) && !isMachine(request) ? handleForm(response, next) : next());
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
