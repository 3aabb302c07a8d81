import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";

/** They belong to one connection and not to what travels over it (RFC 9110, 7.6.1). */
const OF_A_CONNECTION = /^(?:connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|expect)$/;

const passedOn = (headers: IncomingHttpHeaders) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !OF_A_CONNECTION.test(name)));

export type DemoProxy = { readonly port: number; close(): Promise<void> };

type Options = {
  readonly host: string;
  readonly port: number;
  /** The ports of the servers that are there now, on the same host. */
  readonly targets: () => readonly number[];
};

/** One way of a request to one server; `refused` when nothing of it arrived there, so another one may have it. */
function pass(incoming: IncomingMessage, response: ServerResponse, host: string, port: number) {
  return new Promise<"done" | "refused">((resolve) => {
    const { method, url: path, socket } = incoming;
    // Whatever a client says of itself is dropped: this is the edge.
    const headers = {
      ...passedOn(incoming.headers),
      "x-forwarded-for": socket.remoteAddress ?? "unknown",
      // Else the server closes it with what it didn't read of a body, and its answer (413) is lost in the reset.
      connection: "keep-alive",
    };
    // A connection for each request: so a server that is gone refuses, and no request is lost in an old connection.
    const upstream = request({ host, port, method, path, headers, agent: false });
    const onClosed = () => {
      upstream.destroy();
      // What is left of a body that nobody wants: else the connection would be reset, and the answer with it.
      incoming.unpipe(upstream).resume();
    };
    response.once("close", onClosed);
    upstream.once("socket", (to) => to.once("connect", () => incoming.pipe(upstream)));
    upstream.once("response", (answer) => {
      response.writeHead(answer.statusCode ?? 502, passedOn(answer.headers));
      response.flushHeaders();
      answer.pipe(response);
      // Cut short there, cut short here: the browser has to see it.
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
 * One address in front of several servers, which take turns. It streams both ways, and asks the next server when one
 * is gone; only a change that had begun there is answered with 502. For the demo: a real installation has its own.
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
      .end("No server is there at the moment.\n");
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
