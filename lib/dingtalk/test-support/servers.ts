import { createServer, type IncomingMessage, type RequestListener, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import { Agent, type Dispatcher } from "undici";
import { onTestFinished } from "vitest";

export type ReceivedRequest = {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
};

/** A host's reply: JSON or text, or a request listener. */
export type Reply =
  | {
      readonly status?: number;
      readonly headers?: Record<string, string>;
      readonly json?: unknown;
      readonly text?: string;
    }
  | RequestListener;

/**
 * Starts an HTTP server that gives the replies in order, repeats the last one, and records all requests. It closes
 * after the test.
 */
export async function startHost(...replies: Reply[]) {
  const received: ReceivedRequest[] = [];
  let connections = 0;
  const server = createServer((incoming, response) => {
    let body = "";
    incoming.setEncoding("utf8").on("data", (chunk) => {
      body += chunk;
    });
    incoming.on("end", () => {
      const { method = "", url: target = "", headers } = incoming;
      received.push({ method, url: target, headers, body });
      const reply = replies[Math.min(received.length, replies.length) - 1] ?? {};
      if (typeof reply === "function") return reply(incoming, response);
      const isJson = reply.text === undefined;
      response.writeHead(reply.status ?? 200, {
        "content-type": isJson ? "application/json" : "text/html",
        ...reply.headers,
      });
      response.end(isJson ? JSON.stringify(reply.json ?? {}) : reply.text);
    });
  });
  server.on("connection", () => {
    connections += 1;
  });
  const url = await listen(server);
  return { url, received, connections: () => connections };
}

/** Starts a forward proxy that tunnels CONNECT, forwards absolute addresses, and records all requests. */
export async function startProxy(target: { host: string; port: number }) {
  const asked: { method: string; target: string; authorization: string | undefined }[] = [];
  const note = ({ method, url, headers }: IncomingMessage) =>
    asked.push({ method: method ?? "", target: url ?? "", authorization: headers["proxy-authorization"] });
  const server = createServer((incoming, response) => {
    note(incoming);
    const { pathname, search } = new URL(incoming.url ?? "");
    const { method, headers } = incoming;
    const onward = request({ ...target, method, path: pathname + search, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    incoming.pipe(onward.on("error", () => response.destroy()));
  });
  server.on("connect", (incoming, socket) => {
    note(incoming);
    const upstream = connect(target.port, target.host, () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on("error", () => socket.destroy());
    socket.on("error", () => upstream.destroy());
  });
  return { url: await listen(server), asked };
}

/** Starts a proxy that refuses every request with 407. */
export async function startRefusingProxy(): Promise<string> {
  const server = createServer((_request, response) => response.writeHead(407).end());
  server.on("connect", (_request, socket) =>
    socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"),
  );
  return listen(server);
}

/** Creates a dispatcher for which no host name resolves. It makes no DNS queries. */
export function withoutNames(): Dispatcher {
  return new Agent({
    connect: {
      lookup: (name, _options, done) => done(Object.assign(new Error(name), { code: "ENOTFOUND" }), "", 4),
    },
  });
}

/** Starts a server that closes after the test, and returns its address. */
export async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Returns an address on which no server listens. */
export async function deadUrl(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}
