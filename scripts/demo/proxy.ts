import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";

/** Headers of a single connection, which a proxy does not pass on (RFC 9110, 7.6.1). */
const HOP_BY_HOP = /^(?:connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|expect)$/;

const endToEndHeaders = (headers: IncomingHttpHeaders) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.test(name)));

export type DemoProxy = { readonly port: number; close(): Promise<void> };

type Options = {
  readonly host: string;
  readonly port: number;
  /** Returns the ports of the running servers. */
  readonly targets: () => readonly number[];
};

/** Passes a request to one server. Resolves to `refused` when another server may repeat it. */
function pass(incoming: IncomingMessage, response: ServerResponse, host: string, port: number) {
  return new Promise<"done" | "refused">((resolve) => {
    const { method, url: path, socket } = incoming;
    // Removes forwarding headers of the client, as the first proxy must.
    const headers = {
      ...endToEndHeaders(incoming.headers),
      "x-forwarded-for": socket.remoteAddress ?? "unknown",
      // Otherwise the server closes the connection with unread data, and its answer (413) is lost in the reset.
      connection: "keep-alive",
    };
    // A new connection per request: a stopped server refuses it, and no request is lost on an old connection. The body
    // is read only once connected, so that the next server can get it; `httpxy` reads it before.
    const upstream = request({ host, port, method, path, headers, agent: false });
    const onClosed = () => {
      upstream.destroy();
      // Discards the rest of the body. Otherwise the connection would be reset, and the answer lost.
      incoming.unpipe(upstream).resume();
    };
    response.once("close", onClosed);
    upstream.once("socket", (to) => to.once("connect", () => incoming.pipe(upstream)));
    upstream.once("response", (answer) => {
      response.writeHead(answer.statusCode ?? 502, endToEndHeaders(answer.headers));
      response.flushHeaders();
      answer.pipe(response);
      // An incomplete answer must end incomplete for the browser too.
      answer.once("error", () => response.destroy());
      answer.once("end", () => resolve("done"));
    });
    upstream.once("error", (error: NodeJS.ErrnoException) => {
      response.off("close", onClosed);
      const isUnsent = error.code === "ECONNREFUSED";
      const isReading = (method === "GET" || method === "HEAD") && !response.headersSent;
      if ((isUnsent || isReading) && !response.destroyed) return resolve("refused");
      if (response.headersSent) response.destroy();
      else response.writeHead(502, { "content-type": "text/plain" }).end("The server ended meanwhile.\n");
      resolve("done");
    });
  });
}

/**
 * Starts a proxy for several servers, which take turns. Streams in both directions, and tries the next server when one
 * is gone. A change that was already sent to that server is answered with 502. For the demo only: real installations
 * have their own load balancer.
 */
export async function startDemoProxy({ host, port, targets }: Options): Promise<DemoProxy> {
  let turn = 0;
  const answer = async (incoming: IncomingMessage, response: ServerResponse) => {
    const there = targets();
    turn += 1;
    for (let tried = 0; tried < there.length; tried += 1) {
      const target = there[(turn + tried) % there.length];
      if (target !== undefined && (await pass(incoming, response, host, target)) === "done") return;
    }
    response
      .writeHead(503, { "content-type": "text/plain", "retry-after": "2" })
      .end("No server is running at the moment.\n");
  };
  const server = createServer((incoming, response) => void answer(incoming, response));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host }, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}
