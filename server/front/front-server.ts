import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import next from "next";
import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";
import { RECEIVE_MS_MAX } from "@/lib/limits/numbers";
import { log } from "@/lib/log";
import { toOwnAddress } from "@/lib/request/own-host";
import { addressForNext } from "@/lib/request/raw-address";
import { Connections } from "./connections";
import { refuseWithoutDatabase } from "./database-away";
import { FloodGate } from "./flood-gate";
import { answerLean } from "./lean-routes";
import { enterGate, LoadGates } from "./limit-load";
import { handleForm } from "./malformed-form";
import { refuseMethod } from "./method-not-allowed";
import { prepareRequest } from "./prepare-request";
import { answerProbe } from "./probes";
import { refuse } from "./refuse";
import { isForm, isMachine, wantsPage } from "./request-kind";
import { clientOf, isProxy, setAddress } from "./trusted-proxies";
import { discardUnreadBody } from "./unread-body";

/** Node's default of 30 s would let slow requests live for 45 s. */
const CHECK_EVERY_MS = 1_000;
/**
 * Pending connections that the system queues. Beyond Node's default of 511, one client's burst would delay every other
 * client by a second.
 */
const BACKLOG = 4_096;
export type RunningServer = {
  readonly port: number;
  /** Refuses new connections, waits for running requests, and resolves when the last connection is closed. */
  close(): Promise<void>;
};

/** Returns the redirection for a page requested under another host name, or `null`. */
const redirectToOwnHost = (request: IncomingMessage) =>
  wantsPage(request)
    ? toOwnAddress(
        { host: request.headers.host, url: request.url ?? "/", cookie: request.headers.cookie },
        env().NEXTAUTH_URL,
      )
    : null;

/** Answers a request that exceeds a load limit. */
function refuseLoad(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  if (!(error instanceof AppError)) throw error;
  const { code, retryAfterSeconds = 1 } = error;
  const isShare = code === "rate_limited";
  refuse(request, response, { code: isShare ? code : "unavailable", retryAfterSeconds, outage: "busy" });
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
  /** Address to listen on; all addresses when left out. */
  readonly host?: string;
};

/**
 * Starts the server: Dingkeep's checks first, then Next's request handler.
 *
 * @throws {Error} `EADDRINUSE` when the port is in use
 */
export async function startServer({
  isDevelopment = false,
  host,
}: ServerOptions = {}): Promise<RunningServer> {
  // Next's own SIGTERM handler would exit in the middle of a job.
  process.env.NEXT_MANUAL_SIG_HANDLE = "true";
  // After an action that redirects, Next requests the next page from this address.
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
    // The outer request already holds a place. If this one waited for another, both could wait forever.
    if (!isOfNext) {
      try {
        await enterGate(gates, request, response);
      } catch (error) {
        return refuseLoad(request, response, error);
      }
    }
    if (!prepareRequest(request, response, isDevelopment)) return;
    const ownAddress = redirectToOwnHost(request);
    if (ownAddress) {
      response.writeHead(307, ownAddress).end();
      return;
    }
    if (await refuseWithoutDatabase(request, response)) return;
    if (!isDevelopment && ((await answerLean(request, response)) || (await refuseMethod(request, response))))
      return;
    request.url = addressForNext(request.url ?? "/");
    // Next refuses an action whose `Host` differs from its `Origin`, which was already checked against NEXTAUTH_URL
    // (S4).
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
      // Next accepts upgrades but answers only those of development, so a client that offers one, such as Java's, would
      // wait forever. Requests with a refused upgrade are answered as plain requests.
      shouldUpgradeCallback: () => isDevelopment,
    },
    (request, response) => {
      discardUnreadBody(request, response);
      // Node's parser drops a request that follows an upgrade in the same packet. On a connection kept open, the client
      // would take the next answer for the answer to the dropped request.
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
